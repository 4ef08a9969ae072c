use anytrace_api::{
    Context, Sampling, SpanId, TraceId,
    propagation::{B3, ExtractError, Extracted},
};
use serde_json::Value;

use crate::vectors;

#[test]
fn every_vector() {
    let cases = vectors::cases("b3", 142);
    let (mut reads, mut written) = (0, 0);
    for case in &cases {
        reads += parse(case);
        for policy in ["fork", "shared"] {
            let join = &case["join"][policy];
            if !join.is_null() {
                child_headers(case, join);
                written += 2;
            }
        }
    }
    vectors::report(&format!("b3: {} cases, {reads} reads; {written} headers of children", cases.len()));
}

fn parse(case: &Value) -> usize {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    let found = vectors::extract(&B3::single(), case);
    for (carrier, found) in &found {
        let context = vectors::context(found);
        let name = format!("{name}, {carrier}");
        assert_eq!(vectors::ids(context), vectors::expected_ids(expect), "{name}");
        assert_eq!(vectors::parent(context).as_deref(), expect["parent_span_id"].as_str(), "{name}");
        assert_eq!(context.sampling(), vectors::sampling(expect), "{name}");
        assert_eq!(context.is_remote(), expect["kind"] == "context", "{name}");
        assert_eq!(found.is_empty(), expect["kind"] == "none", "{name}");
        check_fallback(case, found, &name);
    }
    found.len()
}

/// Checks the errors: the only error next to an extracted context is a malformed single header.
fn check_fallback(case: &Value, found: &Extracted, name: &str) {
    let fields: Vec<_> = found.errors().iter().map(ExtractError::field).collect();
    match case["expect"]["source"].as_str() {
        Some("single") => assert_eq!(fields, Vec::<&str>::new(), "{name}"),
        Some("multi") => assert!(fields.is_empty() || fields == ["b3"], "{name}: {fields:?}"),
        _ => {}
    }
}

/// Checks the headers that a client child of the server injects, with the ids and the decision of the vector. The module
/// `b3_join` uses real servers.
fn child_headers(case: &Value, join: &Value) {
    let server = &join["server"];
    let shared = server["shared"] == true;
    let span_ids = &case["generated"]["span_ids"];
    let generated = if shared { &span_ids[0] } else { &span_ids[1] };
    let span_id = |value: &Value| vectors::text(value).parse::<SpanId>().unwrap();
    let trace_id: TraceId = vectors::text(&server["trace_id"]).parse().unwrap();
    let parent = Context::new(trace_id, span_id(&server["span_id"]), Sampling::Defer)
        .with_parent_span_id(server["parent_span_id"].as_str().map(|id| id.parse().unwrap()));
    let child = parent.child(span_id(generated), vectors::sampling(server));
    // A tracer that shares span ids sends the parent id of its child; one that forks must not.
    let is_shared_policy = join == &case["join"]["shared"];
    let child = if is_shared_policy { child.with_parent_span_id(parent.span_id()) } else { child };
    for (form, format) in [("child_single", B3::single()), ("child_multi", B3::multi())] {
        let written: Vec<Value> = vectors::inject(&format, &child)
            .into_iter()
            .map(|(name, value)| vec![name, value].into())
            .collect();
        let mut expected = join[form].as_array().unwrap().clone();
        let mut written_sorted = written.clone();
        expected.sort_by_key(ToString::to_string);
        written_sorted.sort_by_key(ToString::to_string);
        assert_eq!(written_sorted, expected, "{}, {form}", vectors::name(case));
    }
}
