//! The known differences between the SDKs and the specifications.

use crate::{Case, Direction, Language, View};

/// A deviation of an SDK from its specification or from the other side. The case asserts exactly this deviation, so
/// that it fails as soon as the SDK is fixed.
#[derive(Debug)]
pub struct Difference {
    /// The language of the SDK.
    pub language: Language,
    /// The format's row in the table of results.
    pub format: &'static str,
    /// The names of the affected cases.
    pub cases: &'static [&'static str],
    /// The affected directions.
    pub directions: &'static [Direction],
    /// A description for the report.
    pub deviation: &'static str,
    /// Changes the expected view to the one that arrives because of the deviation.
    pub change: fn(&mut View),
}

impl Difference {
    /// Returns the differences of one case and direction.
    pub fn of(language: Language, case: &Case, direction: Direction) -> Vec<&'static Self> {
        let all =
            DIFFERENCES.iter().filter(|known| known.language == language && known.format == case.format);
        all.filter(|known| known.cases.contains(&case.name) && known.directions.contains(&direction))
            .collect()
    }
}

const BOTH: &[Direction] = &Direction::ALL;
const TO: &[Direction] = &[Direction::ToPeer];
const FROM: &[Direction] = &[Direction::FromPeer];

macro_rules! differences {
    ($($language:ident $format:literal [$($case:literal),+] $directions:ident $deviation:literal $change:expr;)+) => {
        &[$(Difference {
            language: Language::$language,
            format: $format,
            cases: &[$($case),+],
            directions: $directions,
            deviation: $deviation,
            change: $change,
        }),+]
    };
}

/// The known differences.
#[rustfmt::skip]
pub const DIFFERENCES: &[Difference] = differences! {
    Python "baggage" ["a space", "unicode", "a percent sign", "spaces at its ends"] FROM
        "encodes a space as `+`, which the specification reads as a plus sign" |view| values(view, |value| value.replace(' ', "+"));
    Python "baggage" ["a plus sign"] TO
        "decodes `+` to a space" |view| values(view, |value| value.replace('+', " "));
    Python "baggage" ["spaces at its ends"] TO
        "trims values after decoding" |view| values(view, |value| value.trim().to_owned());
    Python "baggage" ["a value of 7990 bytes"] BOTH
        "drops a member of more than 4096 bytes, the limit of an older draft" |view| view.baggage.clear();
    Python "baggage" ["every character of a key"] TO
        "percent-decodes keys, and decodes `+` to a space" |view| keys(view, "a!#$&'* -.^_`|~Z9");
    Python "baggage" ["every character of a key"] FROM
        "percent-encodes keys" |view| keys(view, "a%21%23%24%26%27%2A%2B-.%5E_%60%7C~Z9");
    Python "baggage" ["a percent sign in a key"] TO
        "percent-decodes keys" |view| keys(view, "a b");
    Python "baggage" ["a percent sign in a key"] FROM
        "percent-encodes keys" |view| keys(view, "a%2520b");
    Python "baggage" ["properties"] TO
        "treats properties as a part of the value" |view| values(view, |value| format!("{value};ttl=3;signed"));
    Python "baggage" ["properties"] FROM
        "forwards properties as a part of the value" |view| {
            view.baggage = vec![("key".to_owned(), "value;ttl=3;signed".to_owned(), String::new())];
        };
    Python "b3" ["debug"] FROM "does not forward the debug flag" |view| view.debug = false;
    Python "b3" ["no decision"] TO "treats a missing decision as sampled" |view| view.sampled = Some(true);
    Python "b3" ["a sampling decision without ids, sampled", "a sampling decision without ids, not sampled"] TO
        "drops a sampling decision without ids" |view| view.sampled = None;
    Python "b3" ["a sampling decision without ids, not sampled"] FROM
        "samples although the decision is not to" |view| view.sampled = Some(true);
    Python "b3multi" ["debug"] FROM "does not forward the debug flag" |view| view.debug = false;
    Python "b3multi" ["no decision"] BOTH "treats a missing decision as not sampled" |view| view.sampled = Some(false);
    Python "b3multi" ["a sampling decision without ids, sampled", "a sampling decision without ids, not sampled"] TO
        "drops a sampling decision without ids" |view| view.sampled = None;
    Python "b3multi" ["a sampling decision without ids, not sampled"] FROM
        "samples although the decision is not to" |view| view.sampled = Some(true);
    Python "jaeger" [
        "sampled", "an id of 64 bits", "a key in upper case", "a word", "a space", "a plus sign", "unicode",
        "a percent sign", "a semicolon", "an equals sign", "a comma", "quotes and a backslash", "control characters",
        "spaces at its ends", "no value"
    ] FROM
        "sets the debug flag of every sampled span" |view| view.debug = true;
    Python "jaeger" ["spaces at its ends"] TO
        "trims values after decoding" |view| values(view, |value| value.trim().to_owned());
    Node "tracecontext" ["the random flag", "the random flag, not sampled"] FROM
        "reads the random flag and does not forward it" |view| view.random = false;
    Node "baggage" ["no value"] TO "drops a member without a value" |view| view.baggage.clear();
    Node "baggage" ["a value of 7990 bytes"] BOTH
        "drops a member of more than 4096 bytes, the limit of an older draft" |view| view.baggage.clear();
    Node "baggage" ["every character of a key"] FROM
        "percent-encodes keys" |view| keys(view, "a!%23%24%26'*%2B-.%5E_%60%7C~Z9");
    Node "baggage" ["a percent sign in a key"] TO "percent-decodes keys" |view| keys(view, "a b");
    Node "baggage" ["a percent sign in a key"] FROM "percent-encodes keys" |view| keys(view, "a%2520b");
    Node "b3" ["no decision"] BOTH "treats a missing decision as not sampled" |view| view.sampled = Some(false);
    Node "b3" ["a sampling decision without ids, sampled", "a sampling decision without ids, not sampled"] TO
        "drops a sampling decision without ids" |view| view.sampled = None;
    Node "b3" ["a sampling decision without ids, not sampled"] FROM "samples although the decision is not to" |view| view.sampled = Some(true);
    Node "b3multi" ["no decision"] BOTH "treats a missing decision as not sampled" |view| view.sampled = Some(false);
    Node "b3multi" ["a sampling decision without ids, sampled", "a sampling decision without ids, not sampled"] TO
        "drops a sampling decision without ids" |view| view.sampled = None;
    Node "b3multi" ["a sampling decision without ids, not sampled"] FROM
        "samples although the decision is not to" |view| view.sampled = Some(true);
    Node "jaeger" ["debug"] FROM "does not forward the debug flag" |view| view.debug = false;
};

fn values(view: &mut View, change: impl Fn(&str) -> String) {
    for (_, value, _) in &mut view.baggage {
        *value = change(value);
    }
}

fn keys(view: &mut View, changed: &str) {
    for (key, _, _) in &mut view.baggage {
        changed.clone_into(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_existing_cases() {
        let cases = crate::cases();
        for known in DIFFERENCES {
            for name in known.cases {
                let exists = cases.iter().any(|case| (case.format, case.name) == (known.format, *name));
                assert!(exists, "{}: {name}", known.format);
            }
        }
    }
}
