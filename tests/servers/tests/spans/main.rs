//! Spans with all features, as created and as the servers have them.

#[path = "../observed/mod.rs"]
mod observed;
mod sent_spans;
mod workload;

use std::time::Duration;

use anytrace_api::TracerExt;
use anytrace_otel_bridge::ExporterRecorder;
use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_recorder::{Recorder, RecordingTracer};
use anytrace_servers::{
    OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN, collected_trace,
    view::{SpanView, TagView, as_in_zipkin, differences},
    zipkin_trace,
};
use anytrace_zipkin_bridge::ZipkinRecorder;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};

use self::sent_spans::SentSpans;

const LONG: Duration = Duration::from_secs(30);

/// Creates the spans, delivers them with a recorder, and returns them trace by trace.
fn send(recorder: impl Recorder) -> Vec<Vec<SpanView>> {
    let observed = SentSpans::default();
    let tracer = RecordingTracer::builder(observed.before(recorder)).service("Bücher & Co").build();
    let ids = workload::create_traces(&tracer);
    let flushed = tracer.shutdown_blocking(LONG);
    let spans = observed.take();
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), spans.len() as u64));
    let of = |id: &String| spans.iter().filter(|span| span.trace_id == *id).cloned().collect();
    ids.iter().map(of).collect()
}

fn check_otlp(protocol: Protocol, address: &str) {
    let collector = Product::Collector.from_environment().unwrap();
    let recorder = OtlpRecorder::builder().protocol(protocol).endpoint(&collector[address]).build().unwrap();
    check_collector(recorder, |_| {});
}

/// Checks that the collector has the spans as created, apart from the parts that `reduce` removes.
fn check_collector(recorder: impl Recorder, reduce: impl Fn(&mut SpanView)) {
    let collector = Product::Collector.from_environment().unwrap();
    for mut sent in send(recorder) {
        for span in &mut sent {
            // OTLP has no debug flag.
            span.debug = false;
            reduce(span);
        }
        let received = collected_trace(&collector, &sent[0].trace_id, sent.len()).unwrap();
        assert_eq!(differences(&sent, &received), [""; 0]);
    }
}

#[test]
fn the_collector_receives_all_parts_of_spans_over_http() {
    check_otlp(Protocol::HttpProtobuf, OTLP_HTTP);
}

#[test]
fn the_collector_receives_all_parts_of_spans_over_grpc() {
    check_otlp(Protocol::Grpc, OTLP_GRPC);
}

#[test]
fn the_collector_receives_all_parts_of_spans_from_an_opentelemetry_exporter() {
    let collector = Product::Collector.from_environment().unwrap();
    let exporter = || {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(&collector[OTLP_GRPC]);
        Ok(exporter.build()?)
    };
    check_collector(ExporterRecorder::in_tokio(exporter).unwrap(), |span| {
        for value in span.tags.values_mut() {
            if let TagView::Bytes(base64) = value {
                *value = TagView::Text(base64.clone());
            }
        }
    });
}

#[test]
fn zipkin_receives_the_parts_that_it_can_represent() {
    let zipkin = Product::Zipkin.from_environment().unwrap();
    let endpoint = format!("{}/api/v2/spans", zipkin[ZIPKIN]);
    for sent in send(ZipkinRecorder::builder().endpoint(endpoint).build().unwrap()) {
        let sent: Vec<SpanView> = sent.iter().map(as_in_zipkin).collect();
        let received = zipkin_trace(&zipkin, &sent[0].trace_id, sent.len()).unwrap();
        assert_eq!(differences(&sent, &received), [""; 0]);
    }
}
