//! The OTLP variables and the requests that the server receives.
#![cfg(feature = "otlp-http")]

use std::{collections::HashMap, time::Duration};

use anytrace::{ExporterKind, flush::Flushed};
use anytrace_test_receiver::{Receiver, Request, ScriptedResponse};

/// Sends one span and returns the request.
fn sent(variables: impl Fn(&Receiver) -> Vec<(&'static str, String)>) -> Request {
    let server = Receiver::always(ScriptedResponse::status(200));
    let flushed = flushed(variables(&server));
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
    let mut requests = server.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn flushed(variables: Vec<(&'static str, String)>) -> Flushed {
    let variables: HashMap<_, _> = variables.into_iter().collect();
    let tracing = anytrace::builder()
        .exporter(ExporterKind::Otlp)
        .variables(move |name| variables.get(name).cloned())
        .build()
        .unwrap();
    // Long enough for compression.
    tracing.tracer().start_trace("load").tag("text", "x".repeat(4096).as_str()).finish();
    tracing.shutdown(Duration::from_secs(60))
}

#[test]
fn the_path_is_appended_only_to_the_general_endpoint() {
    for (name, path, expected) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "", "POST /v1/traces "),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "/otlp/", "POST /otlp/v1/traces "),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/otlp", "POST /otlp "),
    ] {
        let request = sent(|server| vec![(name, server.url(path))]);
        assert!(request.line.starts_with(expected), "{}", request.line);
    }
}

#[test]
fn variables_set_headers_and_compression() {
    let endpoint = |server: &Receiver| ("OTEL_EXPORTER_OTLP_ENDPOINT", server.url(""));
    let request = sent(|server| {
        let headers = "x-tenant=a%20b,x-other=2".to_owned();
        vec![endpoint(server), ("OTEL_EXPORTER_OTLP_HEADERS", headers)]
    });
    assert_eq!((request.headers["x-tenant"].as_str(), request.headers["x-other"].as_str()), ("a b", "2"));
    assert_eq!(request.headers["content-encoding"], "gzip");
    let request =
        sent(|server| vec![endpoint(server), ("OTEL_EXPORTER_OTLP_COMPRESSION", "none".to_owned())]);
    assert!(!request.headers.contains_key("content-encoding"));
}

#[test]
fn a_variable_sets_the_timeout() {
    let server = Receiver::always(ScriptedResponse::Hang);
    let flushed = flushed(vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", server.url("")),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "50".to_owned()),
    ]);
    assert_eq!(flushed.dropped.of("timeout"), 1, "{flushed}");
}

#[test]
fn an_unreachable_server_is_no_error_of_init() {
    // No process listens on port 1, and no other test can bind it.
    let flushed = flushed(vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1".to_owned())]);
    assert_eq!((flushed.delivered, flushed.dropped.of("unreachable")), (0, 1), "{flushed}");
}
