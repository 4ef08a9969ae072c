//! A tracer that writes to several other tracers.

use std::{collections::HashMap, time::Duration};

use anytrace::{
    Context, MockTracer, NoopTracer, Operation, Sampler, Sampling, SpanId, Tee, TraceContext, TraceId,
    TracerExt, TracerHandle, backend::Tracer, current_span, flush::FlushError, start_span, with_tracer,
};
use anytrace_otel_bridge::{ContextIds, OtelTracer};
use opentelemetry::trace::{Tracer as _, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, RandomIdGenerator, SdkTracerProvider, SpanData};

type Ids = (TraceId, SpanId, Option<SpanId>);

fn ids(mock: &MockTracer) -> Vec<Ids> {
    let spans = mock.finished();
    let mut ids: Vec<_> =
        spans.iter().map(|span| (span.trace_id(), span.span_id(), span.parent_span_id())).collect();
    ids.sort();
    ids
}

/// Records a server span with children and a client call.
fn serve(tracer: impl Tracer + 'static) -> HashMap<String, String> {
    with_tracer(&TracerHandle::new(tracer), || {
        let caller = HashMap::from([(
            "traceparent".to_owned(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        )]);
        let mut sent = HashMap::new();
        anytrace::join_trace(Operation::server("request"), &anytrace::extract(&caller)).tag("n", 1).run(
            || {
                start_span("inner").run(|| anytrace::event("seen"));
                anytrace::record_error("out of luck");
                start_span(Operation::client("call")).run(|| anytrace::inject(&mut sent));
            },
        );
        sent
    })
}

const TREE: &str = "request [server] n=1 !exception error(out of luck)\n  inner !seen\n  call [client]\n";

#[test]
fn all_tracers_record_the_same_spans_with_the_same_ids() {
    let mocks = [MockTracer::new(), MockTracer::new(), MockTracer::new()];
    let [one, two, three] = mocks.clone();
    let sent = serve(Tee::new(one).and(two).and(three));
    for mock in &mocks {
        assert_eq!(mock.tree(), TREE);
        assert_eq!(ids(mock), ids(&mocks[0]));
        mock.assert_all_finished();
    }
    assert!(sent["traceparent"].contains(&mocks[2].span("call").span_id().to_string()));
}

fn sdk(exporter: &InMemorySpanExporter) -> OtelTracer {
    let ids = ContextIds::new(RandomIdGenerator::default());
    OtelTracer::sdk(
        SdkTracerProvider::builder().with_id_generator(ids).with_simple_exporter(exporter.clone()).build(),
    )
}

fn ids_of_sdk(spans: &[SpanData]) -> Vec<Ids> {
    let span_id = |id: opentelemetry::trace::SpanId| SpanId::from_bytes(id.to_bytes());
    let mut ids: Vec<_> = spans
        .iter()
        .map(|span| {
            let trace = TraceId::from_bytes(span.span_context.trace_id().to_bytes()).unwrap();
            (trace, span_id(span.span_context.span_id()).unwrap(), span_id(span.parent_span_id))
        })
        .collect();
    ids.sort();
    ids
}

#[test]
fn opentelemetry_can_be_any_of_the_tracers() {
    for otel_first in [false, true] {
        let (mock, exporter) = (MockTracer::new(), InMemorySpanExporter::default());
        // The exporter's memory is freed with its last tracer.
        let sdk = sdk(&exporter);
        let _sent = if otel_first {
            serve(Tee::new(sdk.clone()).and(mock.clone()))
        } else {
            serve(Tee::new(mock.clone()).and(sdk.clone()))
        };
        assert_eq!(mock.tree(), TREE, "OpenTelemetry first: {otel_first}");
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(ids_of_sdk(&spans), ids(&mock), "OpenTelemetry first: {otel_first}");
    }
}

#[test]
fn a_tracer_without_preset_ids_has_a_trace_of_the_same_shape() {
    let (mock, exporter) = (MockTracer::new(), InMemorySpanExporter::default());
    let own_ids = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let tee = Tee::new(mock.clone()).and(OtelTracer::sdk(own_ids));
    let mut root = tee.start_trace("root");
    root.set_baggage("tenant", "acme").unwrap();
    root.start_child("child").start_child("grandchild").finish();
    root.finish();
    let spans = exporter.get_finished_spans().unwrap();
    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(find("grandchild").parent_span_id, find("child").span_context.span_id());
    assert_eq!(find("child").parent_span_id, find("root").span_context.span_id());
    assert_ne!(ids_of_sdk(&spans), ids(&mock));
    assert_eq!(mock.outline(), "root(child(grandchild))");
}

#[test]
fn a_native_span_is_a_parent_for_all_tracers() {
    let (mock, exporter) = (MockTracer::new(), InMemorySpanExporter::default());
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let raw = provider.tracer("raw");
    let tee = TracerHandle::new(Tee::new(OtelTracer::sdk(provider)).and(mock.clone()));
    with_tracer(&tee, || {
        raw.in_span("alone", |_| start_span("beneath").run(|| start_span("deeper").finish()));
        start_span("ours").run(|| {
            raw.in_span("between", |_| {
                current_span().event("seen");
                start_span("inner").finish();
            });
        });
    });
    let spans = exporter.get_finished_spans().unwrap();
    let id = |name: &str| {
        let span = spans.iter().find(|span| span.name == name).unwrap();
        SpanId::from_bytes(span.span_context.span_id().to_bytes())
    };
    assert_eq!(mock.span("beneath").parent_span_id(), id("alone"));
    assert_eq!(mock.span("deeper").parent_span_id(), id("beneath"));
    assert_eq!(mock.span("inner").parent_span_id(), id("between"));
    assert_eq!(mock.finished().len(), 4);
}

#[test]
fn the_first_tracer_decides_the_sampling() {
    let never = MockTracer::with(|builder| builder.sampler(Sampler::never()));
    let always = MockTracer::new();
    let span = Tee::new(never.clone()).and(always.clone()).start_trace("a");
    assert_eq!(span.context().sampling(), Sampling::Drop);
    span.start_child("b").finish();
    span.finish();
    assert_eq!((never.finished().len(), always.finished().len()), (0, 0));
    Tee::new(always.clone()).and(never.clone()).and(NoopTracer::new()).start_trace("c").finish();
    assert_eq!((always.tree().as_str(), never.tree().as_str()), ("c\n", "c\n"));
}

#[test]
fn flush_results_are_combined() {
    let mocks = [MockTracer::new(), MockTracer::new()];
    let [one, other] = mocks.clone();
    let tee = Tee::new(one).and(other.clone());
    tee.start_trace("a").finish();
    other.start_trace("b").finish();
    let flushed = tee.flush_blocking(Duration::from_secs(5));
    assert_eq!((flushed.result, flushed.delivered, flushed.queued), (Ok(()), 1, 0), "those of the first");
    let _only_one = other.shutdown_blocking(Duration::from_secs(5));
    assert_eq!(tee.flush_blocking(Duration::from_secs(5)).result, Err(FlushError::ShutDown));
    tee.start_trace("c").finish();
    assert_eq!(mocks.map(|mock| mock.finished().len()), [2, 2]);
}

#[test]
fn a_remote_context_is_a_parent_for_all_tracers() {
    let (one, other) = (MockTracer::new(), MockTracer::new());
    let caller =
        Context::remote(TraceId::from_u128(7).unwrap(), SpanId::from_u64(8).unwrap(), Sampling::Debug);
    Tee::new(one.clone()).and(other.clone()).join_trace("joined", &caller).finish();
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(other.span("joined").context().sampling(), Sampling::Debug);
}
