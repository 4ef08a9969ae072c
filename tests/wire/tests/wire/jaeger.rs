use std::collections::BTreeMap;

use anytrace_api::{Baggage, Context, Sampling, errors::LimitKind, propagation::Jaeger};
use serde_json::Value;

use crate::vectors;

#[test]
fn every_vector() {
    vectors::every_vector("jaeger", 97, parse, inject);
}

fn parse(case: &Value) -> usize {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    let found = vectors::extract(&Jaeger, case);
    for (carrier, found) in &found {
        let context = vectors::context(found);
        let name = format!("{name}, {carrier}");
        let valid = expect["valid"] == true;
        assert_eq!(context.ids().is_some(), valid, "{name}");
        assert_eq!(context.is_remote(), valid, "{name}");
        assert_eq!(vectors::ids(context), vectors::expected_ids(expect), "{name}");
        assert_eq!(vectors::parent(context).as_deref(), expect["parent_span_id"].as_str(), "{name}");
        assert_eq!(Jaeger::is_firehose(context), expect["firehose"] == true, "{name}");
        let forced = &expect["new_trace"];
        let sampling = vectors::sampling(if forced.is_null() { expect } else { forced });
        assert_eq!(context.sampling(), sampling, "{name}");
        let id = Jaeger::debug_id(context);
        assert_eq!(id.as_deref(), forced["tags"]["jaeger-debug-id"].as_str(), "{name}");
        let baggage: BTreeMap<_, _> =
            context.baggage().iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
        assert_eq!(Value::from_iter(baggage), expect["baggage"], "{name}");
        let has_trace_header =
            vectors::headers(case).iter().any(|(field, _)| field.eq_ignore_ascii_case("uber-trace-id"));
        let has_error = found.errors().iter().any(|error| error.field() == "uber-trace-id");
        assert_eq!(has_error, has_trace_header && !valid, "{name}");
    }
    found.len()
}

fn inject(case: &Value) {
    let (name, input) = (vectors::name(case), &case["context"]);
    let mut baggage = Baggage::new();
    let mut refused = Vec::new();
    for (key, value) in input["baggage"].as_object().unwrap() {
        if let Err(error) = baggage.insert(key, vectors::text(value)) {
            assert_eq!(error.kind(), LimitKind::Key, "{name}");
            refused.push(key.as_str());
        }
    }
    assert_eq!(Value::from(refused), case["expect"]["refused"], "{name}");
    let sampling = match vectors::sampling(input) {
        Sampling::Defer => panic!("{name}"),
        sampling => sampling,
    };
    let id = |key: &str| vectors::text(&input[key]);
    let context = Context::new(id("trace_id").parse().unwrap(), id("span_id").parse().unwrap(), sampling)
        .with_parent_span_id(input["parent_span_id"].as_str().map(|id| id.parse().unwrap()))
        .with_baggage_items(baggage);
    vectors::assert_written(&Jaeger, &context, case);
}
