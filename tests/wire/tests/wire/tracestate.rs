use anytrace_api::{data::TraceState, propagation::W3cTraceContext};
use serde_json::Value;

use crate::vectors;

#[test]
fn every_vector() {
    let cases = vectors::cases("w3c-tracestate", 170);
    let (mut parsed, mut mutated) = (0, 0);
    for case in &cases {
        match vectors::text(&case["kind"]) {
            "parse" => {
                parsed += 1;
                parse(case);
            }
            "mutate" => {
                mutated += 1;
                mutate(case);
            }
            other => panic!("{other}"),
        }
    }
    vectors::report(&format!("w3c-tracestate: {} cases ({parsed} parse, {mutated} mutate)", cases.len()));
}

fn parse(case: &Value) {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    for (carrier, found) in vectors::extract(&W3cTraceContext, case) {
        let context = vectors::context(&found);
        assert_eq!(context.ids().is_some(), expect["traceparent_valid"], "{name}, {carrier}");
        check(context.trace_state(), expect, &format!("{name}, {carrier}"));
        let invalid = found.errors().iter().any(|error| error.field() == "tracestate");
        assert_eq!(invalid, context.ids().is_some() && expect["valid"] == false, "{name}, {carrier}");
        let written = vectors::inject(&W3cTraceContext, context);
        let header = written.iter().find(|(key, _)| key == "tracestate").map(|(_, value)| value.as_str());
        assert_eq!(header, expect["header"].as_str(), "{name}, {carrier}");
    }
}

fn mutate(case: &Value) {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    let mut state: TraceState = vectors::text(&case["start"]).parse().unwrap_or_default();
    let mut ok = Vec::new();
    for op in case["ops"].as_array().unwrap() {
        let (key, value) = (op["key"].as_str(), op["value"].as_str());
        ok.push(match vectors::text(&op["op"]) {
            "set" => state.set(key.unwrap(), value.unwrap()).is_ok(),
            "delete" => {
                let exists = state.get(key.unwrap()).is_some();
                assert_eq!(state.remove(key.unwrap()), exists, "{name}");
                true
            }
            "truncate" => {
                state.truncate(op["limit"].as_u64().unwrap().try_into().unwrap());
                true
            }
            "restart" => {
                state = TraceState::new();
                true
            }
            other => panic!("{name}: {other}"),
        });
    }
    assert_eq!(Value::from(ok), expect["ok"], "{name}");
    check(&state, expect, name);
}

fn check(state: &TraceState, expect: &Value, name: &str) {
    let entries: Vec<Value> = state.iter().map(|(key, value)| vec![key, value].into()).collect();
    assert_eq!(Value::from(entries), expect["entries"], "{name}");
    assert_eq!(state.len(), expect["entries"].as_array().unwrap().len(), "{name}");
    assert_eq!(state.to_string(), expect["header"].as_str().unwrap_or_default(), "{name}");
    assert_eq!(state.is_empty(), expect["header"].is_null(), "{name}");
    assert_eq!(state.to_string().parse().as_ref(), Ok(state), "{name}");
}
