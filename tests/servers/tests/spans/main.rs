//! Spans with everything that a span can have: what a server holds is what was made.

mod made;
#[path = "../passing/mod.rs"]
mod passing;
mod work;

use std::time::Duration;

use anytrace_api::TracerExt;
use anytrace_otel_bridge::ExporterRecorder;
use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_recorder::{Recorder, RecordingTracer};
use anytrace_servers::{
    OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN, collected_trace,
    view::{SpanView, TagView, as_zipkin_says, differences},
    zipkin_trace,
};
use anytrace_zipkin_bridge::ZipkinRecorder;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};

use self::made::Made;

const LONG: Duration = Duration::from_secs(30);

/// The spans of the work, trace by trace, delivered by a recorder.
fn sent(recorder: impl Recorder) -> Vec<Vec<SpanView>> {
    let made = Made::default();
    let tracer = RecordingTracer::builder(made.before(recorder)).service("Bücher & Co").build();
    let ids = work::done(&tracer);
    let flushed = tracer.shutdown_blocking(LONG);
    let spans = made.take();
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), spans.len() as u64));
    let of = |id: &String| spans.iter().filter(|span| span.trace_id == *id).cloned().collect();
    ids.iter().map(of).collect()
}

fn through_otlp(protocol: Protocol, address: &str) {
    let collector = Product::Collector.lent().unwrap();
    let recorder = OtlpRecorder::builder().protocol(protocol).endpoint(&collector[address]).build().unwrap();
    arrives(recorder, |_| {});
}

/// What was made, less what the way there has no words for.
fn arrives(recorder: impl Recorder, less: impl Fn(&mut SpanView)) {
    let collector = Product::Collector.lent().unwrap();
    for mut made in sent(recorder) {
        for span in &mut made {
            // OTLP has no word for it.
            span.debug = false;
            less(span);
        }
        let held = collected_trace(&collector, &made[0].trace_id, made.len()).unwrap();
        assert_eq!(differences(&made, &held), [""; 0]);
    }
}

#[test]
fn the_collector_holds_what_was_made_and_sent_over_http() {
    through_otlp(Protocol::HttpProtobuf, OTLP_HTTP);
}

#[test]
fn the_collector_holds_what_was_made_and_sent_over_grpc() {
    through_otlp(Protocol::Grpc, OTLP_GRPC);
}

#[test]
fn the_collector_holds_what_was_made_and_sent_by_a_foreign_exporter() {
    let collector = Product::Collector.lent().unwrap();
    let exporter = || {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(&collector[OTLP_GRPC]);
        Ok(exporter.build()?)
    };
    arrives(ExporterRecorder::in_tokio(exporter).unwrap(), |span| {
        for value in span.tags.values_mut() {
            if let TagView::Bytes(base64) = value {
                *value = TagView::Text(base64.clone());
            }
        }
    });
}

#[test]
fn zipkin_holds_what_it_has_words_for() {
    let zipkin = Product::Zipkin.lent().unwrap();
    let endpoint = format!("{}/api/v2/spans", zipkin[ZIPKIN]);
    for made in sent(ZipkinRecorder::builder().endpoint(endpoint).build().unwrap()) {
        let made: Vec<SpanView> = made.iter().map(as_zipkin_says).collect();
        let held = zipkin_trace(&zipkin, &made[0].trace_id, made.len()).unwrap();
        assert_eq!(differences(&made, &held), [""; 0]);
    }
}
