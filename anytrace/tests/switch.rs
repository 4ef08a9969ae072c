//! A tracer whose target is replaced while spans are open.

use std::{thread, time::Duration};

use anytrace::{
    EndReason, MockTracer, NoopTracer, Switch, TraceContext, TracerExt, TracerHandle, current_span,
    flush::FlushError, start_span, suppression::suppressed, with_tracer,
};
use anytrace_otel_bridge::OtelTracer;
use opentelemetry::{
    Context as OtelContext,
    trace::{TraceContextExt, Tracer as _, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

#[test]
fn an_open_span_ends_with_the_old_target_and_new_children_start_with_the_new_one() {
    let (before, after) = (MockTracer::new(), MockTracer::new());
    let switch = Switch::new(before.clone());
    let handle = TracerHandle::new(switch.clone());
    with_tracer(&handle, || {
        let request = start_span("request").entered();
        start_span("first").run(|| {
            let _old = switch.replace(after.clone());
            start_span("second").finish();
            current_span().set_tag("late", true);
        });
        start_span("third").finish();
        request.finish();
        start_span("fourth").finish();
    });
    assert_eq!(before.tree(), "request\n  first late=true\n");
    let [second, third, fourth] = ["second", "third", "fourth"].map(|name| after.span(name));
    let [request, first] = ["request", "first"].map(|name| before.span(name));
    assert_eq!((second.trace_id(), second.parent_span_id()), (request.trace_id(), Some(first.span_id())));
    assert_eq!((third.trace_id(), third.parent_span_id()), (request.trace_id(), Some(request.span_id())));
    assert_eq!(fourth.parent_span_id(), None);
    before.assert_all_finished();
    after.assert_all_finished();
}

#[test]
fn concurrent_spans_are_recorded_exactly_once() {
    let targets: Vec<_> = (0..4).map(|_| MockTracer::new()).collect();
    let switch = Switch::new(targets[0].clone());
    thread::scope(|scope| {
        for _ in 0..3 {
            let switch = switch.clone();
            scope.spawn(move || {
                for _ in 0..400 {
                    let span = switch.start_trace("outer");
                    span.start_child("inner").finish();
                    span.finish();
                }
            });
        }
        for round in 0..200 {
            let _old = switch.replace(targets[round % 4].clone());
            thread::yield_now();
        }
    });
    let mut ids: Vec<_> =
        targets.iter().flat_map(MockTracer::finished).map(|span| (span.trace_id(), span.span_id())).collect();
    assert_eq!(ids.len(), 3 * 400 * 2);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3 * 400 * 2);
    for target in targets {
        let stats = target.stats();
        assert_eq!((stats.open, stats.dropped.total()), (0, 0));
    }
}

#[test]
fn the_old_target_is_returned() {
    let (before, after) = (MockTracer::new(), MockTracer::new());
    let switch = Switch::new(before.clone());
    let span = switch.start_trace("open");
    let old = switch.replace(after.clone());
    assert_eq!(before.stats().open, 1);
    span.finish();
    assert_eq!(old.shutdown_blocking(Duration::from_secs(5)).result, Ok(()));
    assert_eq!(before.tree(), "open\n");
    assert_eq!(switch.flush_blocking(Duration::from_secs(5)).result, Ok(()), "the new one is open");
    let again = old.flush_blocking(Duration::from_secs(5));
    assert_eq!(again.result, Err(FlushError::ShutDown));
}

#[test]
fn a_switch_turns_tracing_off_and_on() {
    let mock = MockTracer::new();
    let switch = Switch::new(NoopTracer::new());
    switch.start_trace("unseen").finish();
    let _noop = switch.replace(mock.clone());
    switch.start_trace("seen").finish();
    let _mock = switch.replace(NoopTracer::new());
    switch.start_trace("unseen").finish();
    assert_eq!(mock.tree(), "seen\n");
}

#[test]
fn end_reasons_reach_the_target() {
    let mock = MockTracer::new();
    let switch = Switch::new(mock.clone());
    let reference = {
        let span = switch.start_trace("dropped");
        span.reference()
    };
    assert!(reference.context().span_id().is_some());
    assert_eq!(mock.span("dropped").end_reason(), EndReason::Dropped);
    switch.start_trace("discarded").discard();
    assert_eq!(mock.finished().len(), 1);
}

#[test]
fn native_spans_are_parents_and_children() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let raw = provider.tracer("raw");
    let (mock, switch) = (MockTracer::new(), Switch::new(OtelTracer::sdk(provider)));
    with_tracer(&TracerHandle::new(switch.clone()), || {
        start_span("outer").run(|| {
            raw.in_span("raw", |_| {
                start_span("inner").finish();
                let _old = switch.replace(mock.clone());
                start_span("elsewhere").finish();
            });
        });
    });
    let spans = exporter.get_finished_spans().unwrap();
    let parent = |name: &str| {
        let span = spans.iter().find(|span| span.name == name).unwrap();
        spans
            .iter()
            .find(|other| other.span_context.span_id() == span.parent_span_id)
            .map(|parent| &*parent.name)
    };
    assert_eq!([parent("outer"), parent("raw"), parent("inner")], [None, Some("outer"), Some("raw")]);
    let between = spans.iter().find(|span| span.name == "raw").unwrap();
    let elsewhere = mock.span("elsewhere");
    assert_eq!(elsewhere.parent_span_id().unwrap().to_bytes(), between.span_context.span_id().to_bytes());
}

#[test]
fn suppression_ends_on_the_target_where_it_began() {
    let otel = || OtelTracer::sdk(SdkTracerProvider::builder().build());
    let switch = Switch::new(otel());
    with_tracer(&TracerHandle::new(switch.clone()), || {
        suppressed(|| {
            assert!(OtelContext::is_current_telemetry_suppressed());
            let _old = switch.replace(otel());
            suppressed(|| assert!(!start_span("a").is_recording()));
            assert!(OtelContext::is_current_telemetry_suppressed());
        });
        assert!(!OtelContext::is_current_telemetry_suppressed());
        assert!(!OtelContext::current().has_active_span());
    });
}
