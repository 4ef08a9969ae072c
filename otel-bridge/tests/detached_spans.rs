//! Successive spans on one thread, which reuse the allocation of a detached span.

mod common;

use anytrace_api::{Status, TracerExt};
use anytrace_otel_bridge::OtelTracer;
use common::World;
use opentelemetry::{
    Context as OtelContext, InstrumentationScope,
    global::{BoxedTracer, ObjectSafeTracerProvider},
    trace::{Status as OtelStatus, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{InMemorySpanExporter, SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor},
};

/// A provider whose spans have another type.
struct Boxed(SdkTracerProvider);

impl TracerProvider for Boxed {
    type Tracer = BoxedTracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> BoxedTracer {
        BoxedTracer::new(self.0.boxed_tracer(scope))
    }
}

fn keys(span: &SpanData) -> Vec<&str> {
    span.attributes.iter().map(|attribute| attribute.key.as_str()).collect()
}

#[test]
fn a_reused_allocation_has_no_data_of_the_last_span() {
    let world = World::new();
    let first = world.tracer.start_trace("first");
    first.set_tag("a", 1);
    first.set_tag("b", 2);
    first.set_status(Status::error("why"));
    drop(first);
    let second = world.tracer.start_trace("second");
    second.set_tag("b", 3);
    second.set_tag("b", 4);
    second.finish();
    world.tracer.start_trace("third").finish();
    assert_eq!(keys(&world.span("first")), ["a", "b", anytrace_otel_bridge::END_REASON]);
    assert_eq!(keys(&world.span("second")), ["b"]);
    assert_eq!(world.span("second").attributes[0].value, 4.into());
    for name in ["second", "third"] {
        assert_eq!(world.span(name).status, OtelStatus::Unset);
    }
    assert!(world.span("third").attributes.is_empty());
}

#[test]
fn spans_of_different_types_can_alternate() {
    let memory = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(memory.clone()).build();
    let tracers = [OtelTracer::new(provider.clone()), OtelTracer::new(Boxed(provider))];
    for n in 0..6 {
        let root = tracers[n % 2].start_trace("root");
        root.set_tag("n", n as u64);
        // A child attaches its parent, so both use the same allocation.
        root.start_child("child").tag("of", n as u64).finish();
        root.set_tag("later", true);
        root.finish();
    }
    let spans = memory.get_finished_spans().unwrap();
    let (children, roots): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.name == "child");
    assert_eq!((children.len(), roots.len()), (6, 6));
    for (n, (child, root)) in children.into_iter().zip(roots).enumerate() {
        assert_eq!((keys(child), keys(root)), (vec!["of"], vec!["n", "later"]));
        assert_eq!(child.attributes[0].value, i64::try_from(n).unwrap().into());
        assert_eq!(child.parent_span_id, root.span_context.span_id());
    }
}

#[derive(Debug)]
struct PanicsOnEnd;

impl SpanProcessor for PanicsOnEnd {
    fn on_start(&self, _: &mut SdkSpan, _: &OtelContext) {}

    fn on_end(&self, span: SpanData) {
        assert!(span.name != "bad", "panic in a processor");
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_panicking_processor_leaves_no_data_for_the_next_span() {
    let world = World::with(|builder| builder.with_span_processor(PanicsOnEnd));
    let bad = world.tracer.start_trace("bad");
    bad.set_tag("a", 1);
    bad.finish();
    world.tracer.start_trace("good").tag("b", 2).finish();
    assert_eq!(world.tracer.counts().panics, 1);
    assert_eq!(keys(&world.span("good")), ["b"]);
}

#[test]
fn a_kept_allocation_does_not_keep_the_provider_alive() {
    let memory = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(memory.clone()).build();
    let tracer = OtelTracer::new(provider);
    tracer.start_trace("last").finish();
    assert_eq!(memory.get_finished_spans().unwrap().len(), 1);
    drop(tracer);
    // The last handle shuts the provider down, which clears the exporter.
    assert!(memory.get_finished_spans().unwrap().is_empty());
}
