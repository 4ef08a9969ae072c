//! The demo as its users run it: each trace that it prints is the same whole tree in every server.

mod program;

use anytrace_servers::{
    Addresses, OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN, collected_trace,
    view::{SpanView, as_zipkin_says, drawn, whole},
    zipkin_trace,
};

/// As many as its requests are: a good one, a slow one, and one that fails.
const REQUESTS: usize = 3;

/// How many spans each request is, over all services.
const SPANS: usize = 10;

/// The ids of the traces that the demo prints.
fn printed(backend: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let mut demo = program::built("demo");
    let output = demo.args(["--backend", backend]).envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let ids: Vec<String> =
        printed.lines().filter_map(|line| line.strip_prefix("trace ")).map(str::to_owned).collect();
    assert!(ids.len() == REQUESTS && ids.iter().all(|id| id.len() == 32), "{printed}");
    ids
}

/// What the collector holds of the traces of one run.
fn collected(protocol: &str, address: &str) -> Vec<Vec<SpanView>> {
    let collector = Product::Collector.lent().unwrap();
    let variables = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector[address].as_str()),
    ];
    read(&printed("otlp", &variables), &collector, collected_trace)
}

fn in_zipkin() -> Vec<Vec<SpanView>> {
    let zipkin = Product::Zipkin.lent().unwrap();
    let endpoint = format!("{}/api/v2/spans", zipkin[ZIPKIN]);
    read(&printed("zipkin", &[("OTEL_EXPORTER_ZIPKIN_ENDPOINT", &endpoint)]), &zipkin, zipkin_trace)
}

type Read = fn(&Addresses, &str, usize) -> Result<Vec<SpanView>, String>;

fn read(ids: &[String], addresses: &Addresses, read: Read) -> Vec<Vec<SpanView>> {
    let traces = ids.iter().map(|id| {
        let spans = read(addresses, id, SPANS).unwrap();
        assert_eq!((whole(&spans), spans.len()), (Ok(()), SPANS), "{}", drawn(&spans, &|_| false));
        for service in ["gateway", "orders", "inventory"] {
            assert!(spans.iter().any(|span| span.service == service), "nothing of {service}");
        }
        spans
    });
    traces.collect()
}

/// Ports are other ones each time, and whoever calls is known by the trace's id.
fn varies(key: &str) -> bool {
    ["server.port", "url.full", "correlation_id"].contains(&key)
}

fn said_in_zipkin(spans: &[SpanView]) -> String {
    drawn(&spans.iter().map(as_zipkin_says).collect::<Vec<_>>(), &varies)
}

#[test]
fn every_server_holds_the_same_trees() {
    let http = collected("http/protobuf", OTLP_HTTP);
    let grpc = collected("grpc", OTLP_GRPC);
    let zipkin = in_zipkin();
    for ((http, grpc), zipkin) in http.iter().zip(&grpc).zip(&zipkin) {
        assert_eq!(drawn(http, &varies), drawn(grpc, &varies));
        assert_eq!(said_in_zipkin(http), drawn(zipkin, &varies));
    }
}

#[test]
fn a_tree_is_the_one_that_was_meant() {
    let traces = collected("http/protobuf", OTLP_HTTP);
    let drawn: Vec<String> = traces.iter().map(|spans| drawn(spans, &varies)).collect();
    assert_eq!(drawn[0].replace("tea", "coffee"), drawn[1].replace("I64(1)", "I64(2)"));
    assert_eq!(drawn[2], include_str!("trees/unicorn.txt").trim_end());
}
