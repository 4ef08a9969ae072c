use anytrace_api::{
    Baggage, Context,
    errors::LimitKind,
    propagation::{ExtractError, ExtractErrorKind, W3cBaggage},
};
use serde_json::Value;

use crate::vectors;

#[test]
fn every_vector() {
    let cases = vectors::cases("w3c-baggage", 161);
    let (mut parsed, mut serialised) = (0, 0);
    for case in &cases {
        match vectors::text(&case["kind"]) {
            "parse" => {
                parsed += 1;
                parse(case);
            }
            "serialise" => {
                serialised += 1;
                serialise(case);
            }
            other => panic!("{other}"),
        }
    }
    vectors::report(&format!("w3c-baggage: {} cases ({parsed} parse, {serialised} serialise)", cases.len()));
}

fn parse(case: &Value) {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    for (carrier, found) in vectors::extract(&W3cBaggage, case) {
        let (name, baggage) = (format!("{name}, {carrier}"), vectors::context(&found).baggage());
        let entries = expect["entries"].as_array().unwrap();
        let pairs: Vec<_> =
            entries.iter().map(|e| (vectors::text(&e["key"]), vectors::text(&e["value"]))).collect();
        assert_eq!(baggage.iter().collect::<Vec<_>>(), pairs, "{name}");
        for (index, entry) in entries.iter().enumerate() {
            let key = vectors::text(&entry["key"]);
            if !pairs[index + 1..].iter().any(|(later, _)| *later == key) {
                assert_eq!(Value::from(properties(baggage, key)), entry["properties"], "{name}");
            }
        }
        for (key, value) in expect["lookup"].as_object().into_iter().flatten() {
            assert_eq!(baggage.get(key), value.as_str(), "{name}");
        }
        let invalid = found.errors().iter().filter(|error| error.kind() == ExtractErrorKind::Malformed);
        assert_eq!(
            Value::from(invalid.map(ExtractError::count).sum::<usize>()),
            expect["invalid_members"],
            "{name}"
        );
        check_header(vectors::context(&found), expect, &name);
    }
}

fn properties(baggage: &Baggage, key: &str) -> Vec<Value> {
    let pair = |(key, value): (&str, Option<std::borrow::Cow<'_, str>>)| {
        vec![Value::from(key), value.map_or(Value::Null, |value| Value::from(value.into_owned()))].into()
    };
    baggage.properties(key).map(pair).collect()
}

fn serialise(case: &Value) {
    let (name, expect) = (vectors::name(case), &case["expect"]);
    let mut baggage = Baggage::new();
    let (mut dropped, mut refused) = (Vec::new(), Vec::new());
    for entry in case["entries"].as_array().unwrap() {
        let (key, value) = (vectors::text(&entry["key"]), vectors::text(&entry["value"]));
        let properties =
            entry["properties"].as_array().unwrap().iter().map(|p| (vectors::text(&p[0]), p[1].as_str()));
        let before = baggage.clone();
        if let Err(error) = baggage.insert_with_properties(key, value, properties) {
            assert_eq!(baggage, before, "{name}");
            match error.kind() {
                LimitKind::Key => refused.push(key),
                LimitKind::Entries | LimitKind::Bytes => dropped.push(key),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    assert_eq!(Value::from(dropped), expect["dropped"], "{name}");
    assert_eq!(Value::from(refused), expect["refused"], "{name}");
    check_header(&Context::default().with_baggage_items(baggage), expect, name);
}

fn check_header(context: &Context, expect: &Value, name: &str) {
    let written = vectors::inject(&W3cBaggage, context);
    let header = written.first().map(|(_, value)| value.as_str());
    assert_eq!(header, expect["header"].as_str(), "{name}");
}
