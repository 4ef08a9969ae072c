//! The contexts that are sent to the peers.

use anytrace_api::{Context, Sampling, SpanId, TraceId};

/// A context, and the formats in which it is sent.
#[derive(Clone, Debug)]
pub struct Case {
    /// The format's row in the table of results.
    pub format: &'static str,
    /// The formats, by their names in `OTEL_PROPAGATORS`, separated by commas.
    pub formats: &'static str,
    /// The property under test.
    pub name: &'static str,
    /// The context that is sent to the peer.
    pub context: Context,
    /// True if the peer sends equal baggage of its own instead of the received one, so that an error in reading does
    /// not hide an error in writing. Peers cannot set properties.
    pub own_baggage: bool,
}

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const SHORT: u128 = 0xa3ce_929d_0e0e_4736;
const SPAN: u64 = 0x00f0_67aa_0ba9_02b7;
const PARENT: u64 = 0x05e3_ac9a_4f6e_3b90;

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    trace_contexts(&mut all);
    baggage(&mut all);
    b3("b3", ["b3", "b3,baggage"], &mut all);
    b3("b3multi", ["b3multi", "b3multi,baggage"], &mut all);
    jaeger(&mut all);
    all
}

fn trace_contexts(all: &mut Vec<Case>) {
    let format = "tracecontext";
    let state = |text: &str| sent(TRACE, Sampling::Record).with_trace_state(text.parse().unwrap_or_default());
    let many: Vec<_> = (0..32).map(|number| format!("key{number}=value{number}")).collect();
    let long = format!("long={},short=1", "v".repeat(256));
    for (name, context) in [
        ("sampled", sent(TRACE, Sampling::Record)),
        ("not sampled", sent(TRACE, Sampling::Drop)),
        ("an id of 64 bits", sent(SHORT, Sampling::Record)),
        ("the random flag", sent(TRACE, Sampling::Record).with_random(true)),
        ("the random flag, not sampled", sent(TRACE, Sampling::Drop).with_random(true)),
        (
            "a state of three members",
            state("congo=t61rcWkgMzE,fw529a3039@dt=FfAA:AABp8fC,r_o-j*o/1=00f0 67aa"),
        ),
        ("a state, not sampled", state("congo=1,rojo=2").with_sampling(Sampling::Drop)),
        ("a state of 32 members", state(&many.join(","))),
        ("a state with a value of 256 characters", state(&long)),
    ] {
        all.push(Case { format, formats: format, name, context, own_baggage: false });
    }
}

/// Baggage values that are hard to encode, sent in every format that carries baggage.
const VALUES: [(&str, &str); 12] = [
    ("a word", "acme"),
    ("a space", "New York"),
    ("a plus sign", "1+1"),
    ("unicode", "Köln, 東京 🦀"),
    ("a percent sign", "100%25 %zz"),
    ("a semicolon", "a;b=c"),
    ("an equals sign", "a==b="),
    ("a comma", "a,b"),
    ("quotes and a backslash", "\"a\\b\""),
    ("control characters", "a\r\nb\tc\0"),
    ("spaces at its ends", " a "),
    ("no value", ""),
];

fn baggage(all: &mut Vec<Case>) {
    let (format, formats) = ("baggage", "tracecontext,baggage");
    let base = || sent(TRACE, Sampling::Record);
    let mut add = |formats, name, context, own_baggage| {
        all.push(Case { format, formats, name, context, own_baggage });
    };
    for (name, value) in VALUES {
        add(formats, name, with(base(), [("key", value)]), true);
    }
    let numbers: Vec<_> = (0..64).map(|number| (format!("key{number}"), number.to_string())).collect();
    let numbers = numbers.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let long = "v".repeat(7990);
    add(formats, "none", base(), true);
    add(formats, "not sampled", with(sent(TRACE, Sampling::Drop), [("a", "1"), ("b", "2")]), true);
    add(formats, "without a trace", with(Context::default(), [("a", "1")]), true);
    add("baggage", "alone", with(Context::default(), [("a", "1")]), true);
    add(formats, "64 members", with(base(), numbers), true);
    add(formats, "a value of 4000 bytes", with(base(), [("key", &long[..4000])]), true);
    add(formats, "a value of 7990 bytes", with(base(), [("key", long.as_str())]), true);
    add(formats, "keys that differ in case", with(base(), [("key", "1"), ("Key", "2")]), true);
    add(formats, "every character of a key", with(base(), [("a!#$&'*+-.^_`|~Z9", "1")]), true);
    add(formats, "a percent sign in a key", with(base(), [("a%20b", "1")]), true);
    let mut items = base().baggage().clone();
    let added = items.insert_with_properties("key", "value", [("ttl", Some("3")), ("signed", None)]);
    add(
        formats,
        "properties",
        base().with_baggage_items(added.map_or_else(|_| base().baggage().clone(), |()| items)),
        false,
    );
}

fn b3(format: &'static str, [alone, with_baggage]: [&'static str; 2], all: &mut Vec<Case>) {
    let parent = SpanId::from_u64(PARENT);
    let decision = |sampling| Context::default().with_sampling(sampling);
    for (name, context) in [
        ("sampled", sent(TRACE, Sampling::Record)),
        ("not sampled", sent(TRACE, Sampling::Drop)),
        ("debug", sent(TRACE, Sampling::Debug)),
        ("no decision", sent(TRACE, Sampling::Defer)),
        ("with a parent", sent(TRACE, Sampling::Record).with_parent_span_id(parent)),
        ("with a parent, not sampled", sent(TRACE, Sampling::Drop).with_parent_span_id(parent)),
        ("an id of 64 bits", sent(SHORT, Sampling::Record)),
        ("an id of 64 bits, not sampled", sent(SHORT, Sampling::Drop)),
        ("a sampling decision without ids, sampled", decision(Sampling::Record)),
        ("a sampling decision without ids, not sampled", decision(Sampling::Drop)),
    ] {
        all.push(Case { format, formats: alone, name, context, own_baggage: false });
    }
    let context = with(sent(TRACE, Sampling::Drop), [("key", "Köln;a=b%")]);
    all.push(Case {
        format,
        formats: with_baggage,
        name: "W3C baggage beside it",
        context,
        own_baggage: true,
    });
}

fn jaeger(all: &mut Vec<Case>) {
    let format = "jaeger";
    let base = || sent(TRACE, Sampling::Record);
    let cases = [
        ("sampled", base()),
        ("not sampled", sent(TRACE, Sampling::Drop)),
        ("debug", sent(TRACE, Sampling::Debug)),
        ("an id of 64 bits", sent(SHORT, Sampling::Record)),
        ("an id of 64 bits, not sampled", sent(SHORT, Sampling::Drop)),
        ("two keys, not sampled", with(sent(TRACE, Sampling::Drop), [("a", "1"), ("b", "2")])),
        ("a key in upper case", with(base(), [("Tenant", "1")])),
    ];
    let values = VALUES.map(|(name, value)| (name, with(base(), [("key", value)])));
    for (name, context) in cases.into_iter().chain(values) {
        all.push(Case { format, formats: format, name, context, own_baggage: true });
    }
}

fn sent(trace: u128, sampling: Sampling) -> Context {
    let ids = TraceId::from_u128(trace).zip(SpanId::from_u64(SPAN));
    ids.map_or_else(Context::default, |(trace, span)| Context::new(trace, span, sampling))
}

/// Adds baggage to a context. An entry that exceeds a limit is left out; a test makes sure that none does.
fn with<'a>(context: Context, baggage: impl IntoIterator<Item = (&'a str, &'a str)>) -> Context {
    baggage
        .into_iter()
        .fold(context, |context, (key, value)| context.clone().with_baggage(key, value).unwrap_or(context))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str) -> Case {
        cases().into_iter().find(|case| case.name == name).unwrap()
    }

    #[test]
    fn no_case_exceeds_a_limit() {
        for case in cases() {
            let state = case.context.trace_state();
            assert_eq!(state.is_empty(), !case.name.starts_with("a state"), "{}", case.name);
        }
        assert_eq!(case("a state of 32 members").context.trace_state().len(), 32);
        assert_eq!(case("64 members").context.baggage().len(), 64);
        assert_eq!(case("keys that differ in case").context.baggage().len(), 2);
        assert_eq!(case("a value of 7990 bytes").context.baggage().get("key").map(str::len), Some(7990));
        assert_eq!(case("properties").context.baggage().properties("key").count(), 2);
        let two = cases().into_iter().find(|case| case.name == "two keys, not sampled");
        assert_eq!(two.map(|case| case.context.baggage().len()), Some(2));
        for (name, value) in VALUES {
            let found = cases().into_iter().filter(|case| case.name == name);
            assert!(
                found.map(|case| case.context.baggage().get("key") == Some(value)).eq([true, true]),
                "{name}"
            );
        }
    }

    #[test]
    fn case_names_are_unique() {
        let mut names: Vec<_> = cases().into_iter().map(|case| (case.format, case.name)).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
