//! The demo, run as a process.

mod command;

use std::{
    process::Output,
    time::{Duration, Instant},
};

use anytrace_test_receiver::{Receiver, Request, ScriptedResponse};

use self::command::without_tracing_variables;

/// Depth and name of each span of a request, over all three services.
const TREE: [(usize, &str); 10] = [
    (0, "GET /buy/{item}"),
    (1, "gateway.authenticate"),
    (1, "GET"),
    (2, "GET /orders/{item}"),
    (3, "orders.price"),
    (3, "orders.reserve"),
    (4, "GET"),
    (5, "GET /stock/{item}"),
    (6, "inventory.take"),
    (7, "SELECT shelves"),
];

fn demo(arguments: &[&str]) -> Output {
    demo_with(arguments, &[])
}

/// Runs the demo with only these tracing variables set.
fn demo_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut demo = without_tracing_variables(env!("CARGO_BIN_EXE_demo"));
    demo.args(arguments).envs([("NO_COLOR", "1"), ("COLUMNS", "120"), ("LC_ALL", "C.UTF-8")]);
    demo.env_remove("CLICOLOR_FORCE").envs(variables.iter().copied()).output().unwrap()
}

/// Returns the printed trace ids and response statuses.
fn traces_and_statuses(printed: &str) -> (Vec<&str>, Vec<&str>) {
    let traces = printed.lines().filter_map(|line| line.strip_prefix("trace ")).collect();
    let statuses = printed
        .lines()
        .filter(|line| line.contains(" in "))
        .map(|line| line.split(' ').nth(3).unwrap_or_default());
    (traces, statuses.collect())
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Returns the spans of a printed trace: depth, name and whether the span failed.
fn spans(tree_text: &str) -> Vec<(usize, &str, bool)> {
    let tree = |c: char| "│├└─ ".contains(c);
    let with_bar = tree_text.lines().filter(|line| line.ends_with('│'));
    with_bar
        .map(|line| {
            let text = line.trim_start_matches(tree);
            let depth = (line.chars().count() - text.chars().count()) / 3;
            let (failed, text) = text.strip_prefix("✗ ").map_or((false, text), |text| (true, text));
            (depth, text.split("  ").next().unwrap(), failed)
        })
        .collect()
}

#[test]
fn console_prints_each_request_as_one_tree_over_three_services() {
    let printed = printed(&demo(&[]));
    let mut trees = printed.split("\ntrace ");
    let requests = trees.next().unwrap();
    let trees: Vec<_> = trees.collect();
    assert_eq!(trees.len(), 3, "{printed}");
    for (tree_text, request) in trees.iter().zip(requests.lines()) {
        let (id, tree_text) = tree_text.split_once('\n').unwrap();
        assert!(id.len() == 32 && request.ends_with(id), "{request} is printed as {id}");
        let spans = spans(tree_text);
        let tree: Vec<_> = spans.iter().map(|(depth, name, _)| (*depth, *name)).collect();
        assert_eq!(tree, TREE, "{tree_text}");

        let failed: Vec<_> = spans.iter().filter(|span| span.2).map(|span| span.1).collect();
        if request.contains("unicorn") {
            let ancestors = ["GET /buy/{item}", "GET", "GET /orders/{item}", "orders.reserve", "GET"];
            assert_eq!(
                failed,
                [&ancestors[..], &["GET /stock/{item}", "inventory.take"]].concat(),
                "{tree_text}"
            );
            assert!(tree_text.contains("unicorn is not in stock"));
        } else {
            assert_eq!(failed, [] as [&str; 0], "{tree_text}");
            assert!(tree_text.contains("customer=ada"), "the gateway's baggage in inventory: {tree_text}");
        }
    }
    for stats in [
        "gateway   started 9, delivered 9, dropped 0, queued 0, open 0",
        "orders    started 12, delivered 12, dropped 0, queued 0, open 0",
        "inventory started 9, delivered 9, dropped 0, queued 0, open 0",
    ] {
        assert!(printed.contains(stats), "{printed}");
    }
}

#[test]
fn noop_propagates_the_callers_traces() {
    let printed = printed(&demo(&["--backend", "noop", "--requests", "4"]));
    let (traces, statuses) = traces_and_statuses(&printed);
    assert_eq!(statuses, ["200", "200", "502", "200"], "{printed}");
    let expected: Vec<_> = (1..=4).map(|n| format!("{n:032x}")).collect();
    assert_eq!(traces, expected);
    assert!(
        printed.contains("\nno spans were recorded: the noop backend only propagates the caller's context")
    );
}

/// The padded name of each service, and its number of spans for three requests.
const STARTED: [(&str, u32); 3] = [("gateway  ", 9), ("orders   ", 12), ("inventory", 9)];

#[test]
fn all_spans_are_exported_and_the_trace_ids_printed() {
    for (backend, path, endpoint, status) in [
        ("zipkin", "/api/v2/spans", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", 202),
        ("otlp", "/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", 200),
    ] {
        let server = Receiver::always(ScriptedResponse::status(status));
        let printed = printed(&demo_with(&["--backend", backend], &[(endpoint, &server.url(path))]));
        let (traces, statuses) = traces_and_statuses(&printed);
        assert_eq!(statuses, ["200", "200", "502"], "{printed}");
        assert!(traces.len() == 3 && traces.iter().all(|trace| trace.len() == 32), "{printed}");
        for (service, started) in STARTED {
            let all =
                format!("{service} started {started}, delivered {started}, dropped 0, queued 0, open 0");
            assert!(printed.contains(&all), "{printed}");
        }
        let requests = server.requests();
        assert!(requests.iter().all(|request| request.line.starts_with(&format!("POST {path} "))));
        if backend == "zipkin" {
            let received: String = requests.iter().map(Request::text).collect();
            assert!(traces.iter().all(|trace| received.contains(&format!("\"traceId\":\"{trace}\""))));
        }
    }
}

#[test]
fn an_unreachable_server_does_not_affect_the_services_and_drops_are_reported() {
    // No process listens on port 1, and the system never assigns it.
    let (zipkin, otlp) = ("http://127.0.0.1:1/api/v2/spans", "http://127.0.0.1:1");
    for (backend, endpoint, url, protocol) in [
        ("zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", zipkin, ""),
        ("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", otlp, "http/protobuf"),
        ("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", otlp, "grpc"),
    ] {
        let variables = [(endpoint, url), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        let start = Instant::now();
        let output = demo_with(&["--backend", backend], &variables);
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("demo: orders: failed: cannot connect to"), "{stderr}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(traces_and_statuses(&printed).1, ["200", "200", "502"], "{printed}");
        for (service, started) in STARTED {
            let none = format!(
                "{service} started {started}, delivered 0, dropped {started} (unreachable {started})"
            );
            assert!(printed.contains(&none), "{printed}");
        }
    }
}

#[test]
fn a_server_that_never_responds_does_not_block_the_demo() {
    let server = Receiver::always(ScriptedResponse::Hang);
    let endpoint = server.url("/api/v2/spans");
    let start = Instant::now();
    let output = demo_with(&["--backend", "zipkin"], &[("OTEL_EXPORTER_ZIPKIN_ENDPOINT", &endpoint)]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(traces_and_statuses(&printed).1, ["200", "200", "502"], "{printed}");
    for (service, started) in STARTED {
        let none = format!("{service} started {started}, delivered 0, dropped {started} (timeout {started})");
        assert!(printed.contains(&none), "{printed}");
    }
}

#[test]
fn an_invalid_variable_is_named() {
    let output = demo_with(&["--backend", "otlp"], &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr,
        "demo: invalid value for OTEL_EXPORTER_OTLP_PROTOCOL: \"http/json\" is not one of http/protobuf, grpc\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_invalid_option_has_its_own_exit_status() {
    for arguments in [&["--backend", "paper"][..], &["--requests", "0"], &["--colour"]] {
        let output = demo(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(arguments[0]) && stderr.contains("usage: cargo demo"), "{stderr}");
    }
    assert!(printed(&demo(&["--help"])).starts_with("usage: cargo demo"));
}
