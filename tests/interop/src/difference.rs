//! In what the SDKs are known to differ.

use crate::{Case, Direction, Language, View};

/// What an SDK does that its specification, or the other side, does not expect. A case asserts exactly that, so that
/// it fails when it is mended there.
#[derive(Debug)]
pub struct Difference {
    /// Whose.
    pub language: Language,
    /// The row of the table.
    pub format: &'static str,
    /// The cases, by their names.
    pub cases: &'static [&'static str],
    /// Where it shows.
    pub directions: &'static [Direction],
    /// What it does.
    pub what: &'static str,
    /// What therefore arrives, in place of what should.
    pub change: fn(&mut View),
}

impl Difference {
    /// All of this case and direction.
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
    ($($language:ident $format:literal [$($case:literal),+] $directions:ident $what:literal $change:expr;)+) => {
        &[$(Difference {
            language: Language::$language,
            format: $format,
            cases: &[$($case),+],
            directions: $directions,
            what: $what,
            change: $change,
        }),+]
    };
}

/// All that are known.
#[rustfmt::skip]
pub const DIFFERENCES: &[Difference] = differences! {
    Python "baggage" ["a space", "unicode", "a percent sign", "spaces at its ends"] FROM
        "writes a space as `+`, which is a plus sign to everybody else" |view| values(view, |value| value.replace(' ', "+"));
    Python "baggage" ["a plus sign"] TO
        "reads `+` as a space" |view| values(view, |value| value.replace('+', " "));
    Python "baggage" ["spaces at its ends"] TO
        "trims values after they are decoded" |view| values(view, |value| value.trim().to_owned());
    Python "baggage" ["a value of 7990 bytes"] BOTH
        "drops a member of more than 4096 bytes, an older limit" |view| view.baggage.clear();
    Python "baggage" ["every character of a key"] TO
        "decodes keys, and reads `+` in them as a space" |view| keys(view, "a!#$&'* -.^_`|~Z9");
    Python "baggage" ["every character of a key"] FROM
        "percent-encodes keys" |view| keys(view, "a%21%23%24%26%27%2A%2B-.%5E_%60%7C~Z9");
    Python "baggage" ["a percent sign in a key"] TO
        "decodes keys" |view| keys(view, "a b");
    Python "baggage" ["a percent sign in a key"] FROM
        "percent-encodes keys" |view| keys(view, "a%2520b");
    Python "baggage" ["properties"] TO
        "takes properties for a part of the value" |view| values(view, |value| format!("{value};ttl=3;signed"));
    Python "baggage" ["properties"] FROM
        "sends properties on as a part of the value" |view| {
            view.baggage = vec![("key".to_owned(), "value;ttl=3;signed".to_owned(), String::new())];
        };
    Python "b3" ["debug"] FROM "forgets that a trace is debugged" |view| view.debug = false;
    Python "b3" ["no decision"] TO "takes no decision for sampled" |view| view.sampled = Some(true);
    Python "b3" ["a wish for a trace", "a wish for none"] TO
        "has no place for a decision without ids" |view| view.sampled = None;
    Python "b3" ["a wish for none"] FROM
        "samples what it was asked not to" |view| view.sampled = Some(true);
    Python "b3multi" ["debug"] FROM "forgets that a trace is debugged" |view| view.debug = false;
    Python "b3multi" ["no decision"] BOTH "takes no decision for not sampled" |view| view.sampled = Some(false);
    Python "b3multi" ["a wish for a trace", "a wish for none"] TO
        "has no place for a decision without ids" |view| view.sampled = None;
    Python "b3multi" ["a wish for none"] FROM
        "samples what it was asked not to" |view| view.sampled = Some(true);
    Python "jaeger" [
        "sampled", "an id of 64 bits", "a key in upper case", "a word", "a space", "a plus sign", "unicode",
        "a percent sign", "a semicolon", "an equals sign", "a comma", "quotes and a backslash", "control characters",
        "spaces at its ends", "no value"
    ] FROM
        "says debug of whatever is sampled" |view| view.debug = true;
    Python "jaeger" ["spaces at its ends"] TO
        "trims values after they are decoded" |view| values(view, |value| value.trim().to_owned());
    Node "tracecontext" ["the random flag", "the random flag, not sampled"] FROM
        "reads the random flag and does not send it on" |view| view.random = false;
    Node "baggage" ["no value"] TO "drops a member without a value" |view| view.baggage.clear();
    Node "baggage" ["a value of 7990 bytes"] BOTH
        "drops a member of more than 4096 bytes, an older limit" |view| view.baggage.clear();
    Node "baggage" ["every character of a key"] FROM
        "percent-encodes keys" |view| keys(view, "a!%23%24%26'*%2B-.%5E_%60%7C~Z9");
    Node "baggage" ["a percent sign in a key"] TO "decodes keys" |view| keys(view, "a b");
    Node "baggage" ["a percent sign in a key"] FROM "percent-encodes keys" |view| keys(view, "a%2520b");
    Node "b3" ["no decision"] BOTH "takes no decision for not sampled" |view| view.sampled = Some(false);
    Node "b3" ["a wish for a trace", "a wish for none"] TO
        "has no place for a decision without ids" |view| view.sampled = None;
    Node "b3" ["a wish for none"] FROM "samples what it was asked not to" |view| view.sampled = Some(true);
    Node "b3multi" ["no decision"] BOTH "takes no decision for not sampled" |view| view.sampled = Some(false);
    Node "b3multi" ["a wish for a trace", "a wish for none"] TO
        "has no place for a decision without ids" |view| view.sampled = None;
    Node "b3multi" ["a wish for none"] FROM
        "samples what it was asked not to" |view| view.sampled = Some(true);
    Node "jaeger" ["debug"] FROM "forgets that a trace is debugged" |view| view.debug = false;
};

fn values(view: &mut View, change: impl Fn(&str) -> String) {
    for (_, value, _) in &mut view.baggage {
        *value = change(value);
    }
}

fn keys(view: &mut View, as_read: &str) {
    for (key, _, _) in &mut view.baggage {
        as_read.clone_into(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_of_cases_that_there_are() {
        let cases = crate::cases();
        for known in DIFFERENCES {
            for name in known.cases {
                let there = cases.iter().any(|case| (case.format, case.name) == (known.format, *name));
                assert!(there, "{}: {name}", known.format);
            }
        }
    }
}
