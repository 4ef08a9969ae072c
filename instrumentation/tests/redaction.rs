//! URL redaction against test vectors and generated URLs.
#![allow(missing_docs, reason = "a test")]

use anytrace_instrumentation::Redaction;
use serde_json::Value;

#[test]
fn urls_are_redacted_as_in_the_vectors() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/url-redaction.json")).unwrap();
    assert_eq!(cases.len(), 118);
    let wrong: Vec<_> = cases.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(case: &Value) -> Option<String> {
    let text = |field: &str| case[field].as_str().expect("text");
    let keys = case["sensitive_query_parameters"].as_array();
    let redaction = keys.map_or_else(Redaction::default, |keys| {
        Redaction::of_keys(keys.iter().map(|key| key.as_str().expect("a key")))
    });
    let redacted = redaction.url(text("input"));
    (redacted != text("expect"))
        .then(|| format!("{}: {} became {redacted}, not {}", text("name"), text("input"), text("expect")))
}

#[test]
fn redaction_is_idempotent() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/url-redaction.json")).unwrap();
    for case in &cases {
        let redaction = Redaction::default();
        let once = redaction.url(case["input"].as_str().unwrap()).into_owned();
        assert_eq!(redaction.url(&once), once);
    }
}

/// Redacts every combination of up to four pieces: nothing panics, and the password and the signature are removed.
#[test]
fn no_combination_of_pieces_leaks_a_secret_or_panics() {
    let pieces = ["//", ":", "@", "?", "#", "&", ";", "=", "sig", "%40", "%", "ü", "a", "1", "["];
    let redaction = Redaction::default();
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        texts = texts
            .iter()
            .flat_map(|text| pieces.map(|piece| format!("{text}{piece}")))
            .chain([String::new()])
            .collect();
        for text in &texts {
            let url = format!("https://u:s3cr3t@h/{text}");
            assert!(!redaction.url(&url).contains("s3cr3t"), "{url}");
            let query = format!("{text}?sig=s3cr3t");
            assert!(!redaction.url(&query).contains("s3cr3t"), "{query}");
        }
    }
}
