//! The demo as a user runs it: every server has the same complete tree for each trace that the demo prints.

mod program;

use anytrace_servers::{
    Addresses, OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN, collected_trace,
    view::{SpanView, as_in_zipkin, check_tree, render_tree},
    zipkin_trace,
};

/// The number of requests of the demo: a successful one, a slow one and a failing one.
const REQUESTS: usize = 3;

/// The number of spans of each request in all services.
const SPANS: usize = 10;

/// Runs the demo, and returns the ids of the traces that it prints.
fn run_demo(backend: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let mut demo = program::built("demo");
    let output = demo.args(["--backend", backend]).envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let ids: Vec<String> =
        output.lines().filter_map(|line| line.strip_prefix("trace ")).map(str::to_owned).collect();
    assert!(ids.len() == REQUESTS && ids.iter().all(|id| id.len() == 32), "{output}");
    ids
}

/// Returns the spans that the collector has of the traces of one run.
fn collected(protocol: &str, address: &str) -> Vec<Vec<SpanView>> {
    let collector = Product::Collector.from_environment().unwrap();
    let variables = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector[address].as_str()),
    ];
    read(&run_demo("otlp", &variables), &collector, collected_trace)
}

fn zipkin_traces() -> Vec<Vec<SpanView>> {
    let zipkin = Product::Zipkin.from_environment().unwrap();
    let endpoint = format!("{}/api/v2/spans", zipkin[ZIPKIN]);
    read(&run_demo("zipkin", &[("OTEL_EXPORTER_ZIPKIN_ENDPOINT", &endpoint)]), &zipkin, zipkin_trace)
}

type Read = fn(&Addresses, &str, usize) -> Result<Vec<SpanView>, String>;

fn read(ids: &[String], addresses: &Addresses, read: Read) -> Vec<Vec<SpanView>> {
    let traces = ids.iter().map(|id| {
        let spans = read(addresses, id, SPANS).unwrap();
        assert_eq!((check_tree(&spans), spans.len()), (Ok(()), SPANS), "{}", render_tree(&spans, &|_| false));
        for service in ["gateway", "orders", "inventory"] {
            assert!(spans.iter().any(|span| span.service == service), "no span of {service}");
        }
        spans
    });
    traces.collect()
}

/// Ports differ in each run, and the correlation id is the trace id.
fn varies(key: &str) -> bool {
    ["server.port", "url.full", "correlation_id"].contains(&key)
}

fn render_as_in_zipkin(spans: &[SpanView]) -> String {
    render_tree(&spans.iter().map(as_in_zipkin).collect::<Vec<_>>(), &varies)
}

#[test]
fn every_server_has_the_same_trees() {
    let http = collected("http/protobuf", OTLP_HTTP);
    let grpc = collected("grpc", OTLP_GRPC);
    let zipkin = zipkin_traces();
    for ((http, grpc), zipkin) in http.iter().zip(&grpc).zip(&zipkin) {
        assert_eq!(render_tree(http, &varies), render_tree(grpc, &varies));
        assert_eq!(render_as_in_zipkin(http), render_tree(zipkin, &varies));
    }
}

#[test]
fn the_tree_of_a_failed_request_is_as_expected() {
    let traces = collected("http/protobuf", OTLP_HTTP);
    let trees: Vec<String> = traces.iter().map(|spans| render_tree(spans, &varies)).collect();
    assert_eq!(trees[0].replace("tea", "coffee"), trees[1].replace("I64(1)", "I64(2)"));
    assert_eq!(trees[2], include_str!("trees/unicorn.txt").trim_end());
}
