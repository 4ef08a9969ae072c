use anytrace_api::{Context, propagation::XRay};
use serde_json::Value;

use crate::vectors;

#[test]
fn every_vector() {
    vectors::every_vector("xray", 66, parse, inject);
}

fn parse(case: &Value) -> usize {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    let found = vectors::extract(&XRay, case);
    for (carrier, found) in &found {
        let context = vectors::context(found);
        let name = format!("{name}, {carrier}");
        let valid = expect["valid"] == true;
        assert_eq!((context.is_remote(), found.is_empty()), (valid, !valid), "{name}");
        // The header's `Parent` is the span id of the caller.
        let ids = (expect["trace_id"].as_str(), expect["parent_span_id"].as_str());
        assert_eq!(vectors::ids(context), (ids.0.map(str::to_owned), ids.1.map(str::to_owned)), "{name}");
        assert_eq!(context.sampling().is_sampled(), expect["sampled"].as_bool(), "{name}");
        assert_eq!(XRay::is_decision_requested(context), expect["decision_requested"] == true, "{name}");
        let others = expect["other_fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        let others: Vec<_> = others
            .iter()
            .map(|field| format!("{}={}", vectors::text(&field[0]), vectors::text(&field[1])))
            .collect();
        assert_eq!(XRay::other_fields(context), others.join(";"), "{name}");
        // One valid case has an error too.
        let has_error =
            name.starts_with("field-without-equals") || !valid && !vectors::headers(case).is_empty();
        assert_eq!(found.errors().is_empty(), !has_error, "{name}");
    }
    found.len()
}

fn inject(case: &Value) {
    let input = &case["context"];
    let id = |key: &str| vectors::text(&input[key]);
    let (trace_id, span_id) = (id("trace_id").parse().unwrap(), id("span_id").parse().unwrap());
    vectors::assert_written(&XRay, &Context::new(trace_id, span_id, vectors::sampling(input)), case);
}
