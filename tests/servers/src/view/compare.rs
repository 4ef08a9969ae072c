//! The differences between two lists of spans.

use std::{collections::BTreeMap, fmt::Debug};

use super::SpanView;

/// Returns a description of each difference. The order of the spans does not matter.
pub fn differences(expected: &[SpanView], found: &[SpanView]) -> Vec<String> {
    let mut differences = Vec::new();
    let mut unmatched: BTreeMap<(&str, &str), &SpanView> = BTreeMap::new();
    for span in found {
        if unmatched.insert((&span.trace_id, &span.span_id), span).is_some() {
            differences.push(format!("{} {:?} occurs twice", span.span_id, span.name));
        }
    }
    for span in expected {
        match unmatched.remove(&(span.trace_id.as_str(), span.span_id.as_str())) {
            Some(found) => compare_fields(span, found, &mut differences),
            None => differences.push(format!("{} {:?} is missing", span.span_id, span.name)),
        }
    }
    differences
        .extend(unmatched.values().map(|span| format!("{} {:?} is unexpected", span.span_id, span.name)));
    differences
}

fn compare_fields(expected: &SpanView, found: &SpanView, differences: &mut Vec<String>) {
    let mut field = |name: &str, expected: &dyn Debug, found: &dyn Debug| {
        // Comparing text makes NaN equal to itself, and minus zero different from zero.
        let (expected_text, found_text) = (format!("{expected:?}"), format!("{found:?}"));
        if expected_text != found_text {
            differences.push(format!("{name}: expected {expected_text}, found {found_text}"));
        }
    };
    let at = |name: &str| format!("{:?}, {name}", expected.name);
    field(&at("parent"), &expected.parent, &found.parent);
    field(&at("parent is remote"), &expected.parent_is_remote, &found.parent_is_remote);
    field(&at("name"), &expected.name, &found.name);
    field(&at("kind"), &expected.kind, &found.kind);
    field(&at("service"), &expected.service, &found.service);
    field(&at("scope"), &expected.scope, &found.scope);
    field(&at("events"), &expected.events, &found.events);
    field(&at("links"), &expected.links, &found.links);
    field(&at("outcome"), &expected.outcome, &found.outcome);
    field(&at("start"), &expected.start, &found.start);
    field(&at("duration"), &expected.duration, &found.duration);
    field(&at("trace state"), &expected.trace_state, &found.trace_state);
    field(&at("dropped"), &expected.dropped, &found.dropped);
    field(&at("debug"), &expected.debug, &found.debug);
    let keys = expected.tags.keys().chain(found.tags.keys().filter(|key| !expected.tags.contains_key(*key)));
    for key in keys {
        field(&at(&format!("tag {key:?}")), &expected.tags.get(key), &found.tags.get(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Outcome, TagView, Tags};

    fn span(id: &str) -> SpanView {
        SpanView {
            trace_id: "1".repeat(32),
            span_id: id.to_owned(),
            parent: None,
            parent_is_remote: None,
            name: "load".to_owned(),
            kind: "internal",
            service: "shop".to_owned(),
            scope: (String::new(), String::new()),
            tags: Tags::from([
                ("rows".to_owned(), TagView::I64(1)),
                ("none".to_owned(), TagView::F64(f64::NAN)),
            ]),
            events: Vec::new(),
            links: Vec::new(),
            outcome: Outcome::Unset,
            start: 1,
            duration: 1,
            trace_state: String::new(),
            dropped: [0; 3],
            debug: false,
        }
    }

    #[test]
    fn equal_spans_in_any_order_do_not_differ() {
        assert_eq!(differences(&[span("a"), span("b")], &[span("b"), span("a")]), [""; 0]);
    }

    #[test]
    fn each_difference_is_described() {
        let mut other = span("a");
        other.tags.insert("rows".to_owned(), TagView::Text("1".to_owned()));
        other.duration = 2;
        assert_eq!(
            differences(&[span("a"), span("b")], &[other, span("c"), span("c")]),
            [
                "c \"load\" occurs twice",
                "\"load\", duration: expected 1, found 2",
                "\"load\", tag \"rows\": expected Some(I64(1)), found Some(Text(\"1\"))",
                "b \"load\" is missing",
                "c \"load\" is unexpected",
            ]
        );
    }
}
