//! The demo as its users run it.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use anytrace_test_receiver::{Answer, Receiver, Request};

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

fn demo(words: &[&str]) -> Output {
    demo_with(words, &[])
}

/// None of the tracing variables is set but these.
fn demo_with(words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        demo.env_remove(name);
    }
    demo.args(words).envs([("NO_COLOR", "1"), ("COLUMNS", "120"), ("LC_ALL", "C.UTF-8")]);
    demo.env_remove("CLICOLOR_FORCE").envs(variables.iter().copied()).output().unwrap()
}

/// What is printed of the traces, and of the services' statuses.
fn told(printed: &str) -> (Vec<&str>, Vec<&str>) {
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

/// The spans of one drawing: depth, name and whether it failed.
fn spans(drawing: &str) -> Vec<(usize, &str, bool)> {
    let tree = |c: char| "│├└─ ".contains(c);
    let with_bar = drawing.lines().filter(|line| line.ends_with('│'));
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
fn console_draws_each_request_as_one_tree_over_three_services() {
    let printed = printed(&demo(&[]));
    let mut drawings = printed.split("\ntrace ");
    let requests = drawings.next().unwrap();
    let drawings: Vec<_> = drawings.collect();
    assert_eq!(drawings.len(), 3, "{printed}");
    for (drawing, request) in drawings.iter().zip(requests.lines()) {
        let (id, drawing) = drawing.split_once('\n').unwrap();
        assert!(id.len() == 32 && request.ends_with(id), "{request} is drawn as {id}");
        let spans = spans(drawing);
        let tree: Vec<_> = spans.iter().map(|(depth, name, _)| (*depth, *name)).collect();
        assert_eq!(tree, TREE, "{drawing}");

        let failed: Vec<_> = spans.iter().filter(|span| span.2).map(|span| span.1).collect();
        if request.contains("unicorn") {
            let upwards = ["GET /buy/{item}", "GET", "GET /orders/{item}", "orders.reserve", "GET"];
            assert_eq!(
                failed,
                [&upwards[..], &["GET /stock/{item}", "inventory.take"]].concat(),
                "{drawing}"
            );
            assert!(drawing.contains("no shelf for unicorn"));
        } else {
            assert_eq!(failed, [] as [&str; 0], "{drawing}");
            assert!(drawing.contains("customer=ada"), "the gateway's baggage in inventory: {drawing}");
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
fn noop_answers_as_ever_and_carries_the_callers_traces_on() {
    let printed = printed(&demo(&["--backend", "noop", "--requests", "4"]));
    let (traces, statuses) = told(&printed);
    assert_eq!(statuses, ["200", "200", "502", "200"], "{printed}");
    let expected: Vec<_> = (1..=4).map(|n| format!("{n:032x}")).collect();
    assert_eq!(traces, expected);
    assert!(printed.contains("\nnothing was recorded: the noop backend only carries contexts onwards"));
}

/// Each service as its line of stats has it, and how many spans it makes for three requests.
const STARTED: [(&str, u32); 3] = [("gateway  ", 9), ("orders   ", 12), ("inventory", 9)];

#[test]
fn a_server_gets_all_and_the_traces_are_named() {
    for (backend, path, endpoint, status) in [
        ("zipkin", "/api/v2/spans", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", 202),
        ("otlp", "/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", 200),
    ] {
        let server = Receiver::always(Answer::status(status));
        let printed = printed(&demo_with(&["--backend", backend], &[(endpoint, &server.url(path))]));
        let (traces, statuses) = told(&printed);
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
fn where_nobody_is_the_services_answer_and_the_losses_are_named() {
    // Nobody listens on the first port, and no neighbour can be given it meanwhile.
    let (zipkin, otlp) = ("http://127.0.0.1:1/api/v2/spans", "http://127.0.0.1:1");
    for (backend, endpoint, url, protocol) in [
        ("zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", zipkin, ""),
        ("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", otlp, "http/protobuf"),
        ("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", otlp, "grpc"),
    ] {
        let variables = [(endpoint, url), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        let begun = Instant::now();
        let output = demo_with(&["--backend", backend], &variables);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("demo: orders: failed: cannot connect to"), "{said}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(told(&printed).1, ["200", "200", "502"], "{printed}");
        for (service, started) in STARTED {
            let none = format!(
                "{service} started {started}, delivered 0, dropped {started} (unreachable {started})"
            );
            assert!(printed.contains(&none), "{printed}");
        }
    }
}

#[test]
fn a_server_that_never_answers_is_not_waited_for() {
    let server = Receiver::always(Answer::Hang);
    let endpoint = server.url("/api/v2/spans");
    let begun = Instant::now();
    let output = demo_with(&["--backend", "zipkin"], &[("OTEL_EXPORTER_ZIPKIN_ENDPOINT", &endpoint)]);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(told(&printed).1, ["200", "200", "502"], "{printed}");
    for (service, started) in STARTED {
        let none = format!("{service} started {started}, delivered 0, dropped {started} (timeout {started})");
        assert!(printed.contains(&none), "{printed}");
    }
}

#[test]
fn a_bad_variable_is_named() {
    let output = demo_with(&["--backend", "otlp"], &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "demo: invalid value for OTEL_EXPORTER_OTLP_PROTOCOL: \"http/json\" is not one of http/protobuf, grpc\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_wrong_option_is_told_apart_from_a_failure() {
    for words in [&["--backend", "paper"][..], &["--requests", "0"], &["--colour"]] {
        let output = demo(words);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words[0]) && said.contains("usage: cargo demo"), "{said}");
    }
    assert!(printed(&demo(&["--help"])).starts_with("usage: cargo demo"));
}
