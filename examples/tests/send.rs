//! `send`, run as a process.

mod command;

use std::process::Output;

use anytrace_test_receiver::{Receiver, ScriptedResponse};
use serde_json::Value as Json;

use self::command::without_tracing_variables;

fn send(arguments: &[&str]) -> Output {
    without_tracing_variables(env!("CARGO_BIN_EXE_send")).args(arguments).output().unwrap()
}

/// Runs `send` and parses its report. Checks that started = delivered + dropped + queued.
fn report(arguments: &[&str]) -> Json {
    let output = send(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let report: Json = serde_json::from_str(&printed).unwrap();
    let number = |key: &str| report[key].as_u64().unwrap();
    let dropped: u64 = report["dropped"].as_object().unwrap().values().filter_map(Json::as_u64).sum();
    assert_eq!(number("started"), number("delivered") + dropped + number("queued"), "{printed}");
    assert!(report["elapsed_ms"].is_u64() && report["blocked_ms_max"].is_f64(), "{printed}");
    report
}

#[test]
fn all_spans_are_delivered() {
    for (backend, path, status) in [("zipkin", "/api/v2/spans", 202), ("otlp-http", "", 200)] {
        let server = Receiver::always(ScriptedResponse::status(status));
        let endpoint = server.url(path);
        let arguments = ["--backend", backend, "--endpoint", &endpoint, "--spans", "1001", "--threads", "4"];
        let report = report(&[&arguments[..], &["--tags-bytes", "100"]].concat());
        assert_eq!((&report["started"], &report["delivered"]), (&1001.into(), &1001.into()), "{report}");
        assert_eq!((report["queued"].as_u64(), report["flush"].as_str()), (Some(0), Some("ok")));
        if backend == "zipkin" {
            let spans: usize =
                server.requests().iter().map(|request| request.text().matches("\"traceId\"").count()).sum();
            assert_eq!(spans, 1001);
        } else {
            assert!(server.requests()[0].line.starts_with("POST /v1/traces "));
        }
    }
}

#[test]
fn spans_for_an_unreachable_server_are_dropped_with_a_reason() {
    for backend in ["otlp-http", "otlp-grpc", "zipkin"] {
        // No process listens on port 1, and the system never assigns it.
        let arguments = ["--backend", backend, "--endpoint", "http://127.0.0.1:1", "--spans", "10"];
        let report = report(&arguments);
        assert_eq!(report["dropped"]["unreachable"], 10, "{report}");
        assert!(report["flush"].as_str().unwrap().starts_with("error: failed: "), "{report}");
    }
}

#[test]
fn a_server_that_never_responds_does_not_block_send() {
    let server = Receiver::always(ScriptedResponse::Hang);
    let endpoint = server.url("/api/v2/spans");
    let arguments =
        ["--backend", "zipkin", "--endpoint", &endpoint, "--spans", "10", "--flush-timeout", "100"];
    let report = report(&arguments);
    assert_eq!((report["delivered"].as_u64(), report["started"].as_u64()), (Some(0), Some(10)));
    assert!(report["flush"].as_str().unwrap().starts_with("error: "), "{report}");
    assert!(report["elapsed_ms"].as_u64().unwrap() < 10_000, "{report}");
}

#[test]
fn errors_name_the_invalid_argument() {
    let complete = ["--backend", "zipkin", "--endpoint", "http://127.0.0.1:1", "--spans", "1"];
    let with = |arguments: &[&'static str]| [&complete[..], arguments].concat();
    for (arguments, named) in [
        (vec![], "--backend is missing"),
        (complete[..2].to_vec(), "--endpoint is missing"),
        (complete[..4].to_vec(), "--spans is missing"),
        (with(&["--backend", "paper"]), "\"paper\" is not one of otlp-http, otlp-grpc, zipkin"),
        (with(&["--spans", "many"]), "--spans: \"many\" is not a number from 0 to "),
        (with(&["--threads", "0"]), "--threads: \"0\" is not a number from 1 to 1024"),
        (with(&["--tags-bytes", "5000000"]), "--tags-bytes"),
        (with(&["--flush-timeout", "1s"]), "--flush-timeout"),
        (
            with(&["--endpoint", "zipkin:9411"]),
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT: invalid endpoint \"zipkin:9411\"",
        ),
        (with(&["--colour"]), "--colour"),
    ] {
        let output = send(&arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(named) && stderr.contains("usage: cargo run"), "{stderr}");
    }
    assert!(send(&["--help"]).status.success());
}
