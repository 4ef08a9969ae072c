//! `send` as the end-to-end tests run it.

use std::process::{Command, Output};

use anytrace_test_receiver::{Answer, Receiver};
use serde_json::Value as Json;

fn send(words: &[&str]) -> Output {
    let mut send = Command::new(env!("CARGO_BIN_EXE_send"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        send.env_remove(name);
    }
    send.args(words).output().unwrap()
}

/// One line of JSON and nothing else, in which every span is accounted for.
fn report(words: &[&str]) -> Json {
    let output = send(words);
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
fn a_server_gets_every_span() {
    for (backend, path, status) in [("zipkin", "/api/v2/spans", 202), ("otlp-http", "", 200)] {
        let server = Receiver::always(Answer::status(status));
        let endpoint = server.url(path);
        let words = ["--backend", backend, "--endpoint", &endpoint, "--spans", "1001", "--threads", "4"];
        let report = report(&[&words[..], &["--tags-bytes", "100"]].concat());
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
fn where_nobody_is_all_is_lost_for_a_reason() {
    for backend in ["otlp-http", "otlp-grpc", "zipkin"] {
        // Nobody listens on the first port, and no neighbour can be given it meanwhile.
        let words = ["--backend", backend, "--endpoint", "http://127.0.0.1:1", "--spans", "10"];
        let report = report(&words);
        assert_eq!(report["dropped"]["unreachable"], 10, "{report}");
        assert!(report["flush"].as_str().unwrap().starts_with("error: failed: "), "{report}");
    }
}

#[test]
fn a_server_that_never_answers_is_not_waited_for() {
    let server = Receiver::always(Answer::Hang);
    let endpoint = server.url("/api/v2/spans");
    let words = ["--backend", "zipkin", "--endpoint", &endpoint, "--spans", "10", "--flush-timeout", "100"];
    let report = report(&words);
    assert_eq!((report["delivered"].as_u64(), report["started"].as_u64()), (Some(0), Some(10)));
    assert!(report["flush"].as_str().unwrap().starts_with("error: "), "{report}");
    assert!(report["elapsed_ms"].as_u64().unwrap() < 10_000, "{report}");
}

#[test]
fn what_is_wrong_is_named() {
    let complete = ["--backend", "zipkin", "--endpoint", "http://127.0.0.1:1", "--spans", "1"];
    let with = |words: &[&'static str]| [&complete[..], words].concat();
    for (words, named) in [
        (vec![], "--backend is missing"),
        (complete[..2].to_vec(), "--endpoint is missing"),
        (complete[..4].to_vec(), "--spans is missing"),
        (with(&["--backend", "paper"]), "one of otlp-http, otlp-grpc, zipkin, not \"paper\""),
        (with(&["--spans", "many"]), "--spans is a number from 0 to "),
        (with(&["--threads", "0"]), "--threads is a number from 1 to 1024, not \"0\""),
        (with(&["--tags-bytes", "5000000"]), "--tags-bytes"),
        (with(&["--flush-timeout", "1s"]), "--flush-timeout"),
        (
            with(&["--endpoint", "zipkin:9411"]),
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT: invalid endpoint \"zipkin:9411\"",
        ),
        (with(&["--colour"]), "--colour"),
    ] {
        let output = send(&words);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(named) && said.contains("usage: cargo run"), "{said}");
    }
    assert!(send(&["--help"]).status.success());
}
