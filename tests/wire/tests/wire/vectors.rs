//! Reads the vectors. `vectors/README.md` describes their format.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
    path::Path,
};

use anytrace_api::{
    Context, Sampling, TraceContext,
    propagation::{Extracted, Propagator, TextMapReader},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// Returns the cases of `vectors/<name>.json`. Their number is checked, so that no case gets lost.
pub(crate) fn cases(name: &str, count: usize) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name).with_extension("json");
    let text = std::fs::read_to_string(path).unwrap();
    let Value::Array(cases) = serde_json::from_str(&text).unwrap() else { panic!("{name}: not an array") };
    assert_eq!(cases.len(), count, "{name}");
    cases
}

/// Runs every case of a format and reports the numbers of extracted and injected cases.
pub(crate) fn every_vector(
    format: &str,
    count: usize,
    parse: impl Fn(&Value) -> usize,
    inject: impl Fn(&Value),
) {
    let (mut reads, mut written) = (0, 0);
    for case in &cases(format, count) {
        match text(&case["kind"]) {
            "parse" => reads += parse(case),
            "inject" => {
                written += 1;
                inject(case);
            }
            other => panic!("{other}"),
        }
    }
    report(&format!("{format}: {count} cases, {reads} reads, {written} written"));
}

/// Writes to standard error directly, because the test harness captures `print!`.
pub(crate) fn report(line: &str) {
    let _ = writeln!(io::stderr(), "vectors: {line}");
}

pub(crate) fn name(case: &Value) -> &str {
    text(&case["name"])
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Returns the header names and raw values of a case.
pub(crate) fn headers(case: &Value) -> Vec<(String, Vec<u8>)> {
    let pair = |header: &Value| (text(&header[0]).to_owned(), bytes(&header[1]));
    case["headers"].as_array().unwrap().iter().map(pair).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    let Some(hex) = value.get("hex") else { return text(value).as_bytes().to_vec() };
    let digits = text(hex).as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Extracts from the headers of a case in every carrier that can hold them.
///
/// A map of strings cannot hold values that are not text or repeated names, and HTTP headers cannot hold control
/// characters.
pub(crate) fn extract(format: &dyn Propagator, case: &Value) -> Vec<(&'static str, Extracted)> {
    let raw = headers(case);
    let mut carriers: Vec<(&str, Box<dyn TextMapReader>)> = vec![("pairs of bytes", Box::new(raw.clone()))];
    let strings: Option<Vec<(String, String)>> = raw
        .iter()
        .map(|(name, value)| Some((name.clone(), String::from_utf8(value.clone()).ok()?)))
        .collect();
    if let Some(strings) = strings {
        let map: HashMap<_, _> = strings.iter().cloned().collect();
        if map.len() == strings.len() && !several_spellings(&strings) {
            let sorted: BTreeMap<_, _> = strings.iter().cloned().collect();
            carriers.push(("hash map", Box::new(map)));
            carriers.push(("sorted map", Box::new(sorted)));
        }
        carriers.push(("pairs of strings", Box::new(strings)));
    }
    if let Some(http) = http_headers(&raw) {
        carriers.push(("http headers", Box::new(http)));
    }
    carriers.into_iter().map(|(kind, carrier)| (kind, Extracted::read(format, &carrier))).collect()
}

/// Returns true if names differ only in case: a map would lose their order.
fn several_spellings(strings: &[(String, String)]) -> bool {
    let lower: std::collections::HashSet<_> = strings.iter().map(|(name, _)| name.to_lowercase()).collect();
    lower.len() < strings.len()
}

fn http_headers(raw: &[(String, Vec<u8>)]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in raw {
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?);
    }
    Some(headers)
}

/// Returns the headers that `format` injects, in order. Checks that every carrier receives the same headers.
pub(crate) fn inject(format: &dyn Propagator, context: &Context) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> =
        format.fields().iter().map(|name| (name.to_uppercase(), "stale".to_owned())).collect();
    format.inject(context, &mut pairs);

    let mut sorted: BTreeMap<_, _> =
        pairs.iter().map(|(name, _)| (name.to_uppercase(), String::new())).collect();
    format.inject(context, &mut sorted);
    let mut map = HashMap::new();
    format.inject(context, &mut map);
    let mut http = HeaderMap::new();
    for name in format.fields() {
        http.append(*name, HeaderValue::from_static("stale"));
    }
    format.inject(context, &mut http);

    let expected: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(sorted, expected);
    assert_eq!(map.into_iter().collect::<BTreeMap<_, _>>(), expected);
    let http = http.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    assert_eq!(http.collect::<BTreeMap<_, _>>(), expected);
    pairs
}

/// Checks that `format` injects the expected headers or one of the allowed alternatives.
pub(crate) fn assert_written(format: &dyn Propagator, context: &Context, case: &Value) {
    let mut written = inject(format, context);
    written.sort_unstable();
    let alternatives = case["or"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut expected = std::iter::once(&case["expect"]["headers"]).chain(alternatives).map(|headers| {
        let pair = |header: &Value| (text(&header[0]).to_lowercase(), text(&header[1]).to_owned());
        let mut headers: Vec<_> = headers.as_array().unwrap().iter().map(pair).collect();
        headers.sort_unstable();
        headers
    });
    assert!(expected.any(|headers| headers == written), "{}: {written:?}", name(case));
}

pub(crate) fn parent(context: &Context) -> Option<String> {
    context.parent_span_id().map(|id| id.to_string())
}

/// Returns the ids in the format of the vectors.
pub(crate) fn ids(context: &Context) -> (Option<String>, Option<String>) {
    (context.trace_id().map(|id| id.to_string()), context.span_id().map(|id| id.to_string()))
}

pub(crate) fn expected_ids(expect: &Value) -> (Option<String>, Option<String>) {
    let id = |key: &str| expect[key].as_str().map(str::to_owned);
    (id("trace_id"), id("span_id"))
}

pub(crate) fn sampling(expect: &Value) -> Sampling {
    match (expect["sampled"].as_bool(), expect["debug"].as_bool()) {
        (_, Some(true)) => Sampling::Debug,
        (Some(true), _) => Sampling::Record,
        (Some(false), _) => Sampling::Drop,
        (None, _) => Sampling::Defer,
    }
}

pub(crate) fn context(extracted: &Extracted) -> &Context {
    extracted.context()
}
