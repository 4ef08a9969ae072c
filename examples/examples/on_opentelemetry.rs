//! Shows how an application uses its existing OpenTelemetry provider as the backend.
//!
//! Spans of both APIs can be parents of each other.

use std::{error::Error, time::Duration};

use anytrace_api::{TracerExt, install, start_span};
use anytrace_otel_bridge::{
    OtelTracer,
    opentelemetry::trace::{Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

fn main() -> Result<(), Box<dyn Error>> {
    // The provider keeps its own processors, samplers and exporters.
    let memory = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_batch_exporter(memory.clone()).build();
    let raw = provider.tracer("raw");

    let tracer = OtelTracer::sdk(provider);
    install(tracer.clone())?;
    let guard = tracer.shutdown_on_drop(Duration::from_secs(5));

    start_span("shop.visit").run(|| raw.in_span("by OpenTelemetry", |_| bookshop::quote(&["Emma"])))?;

    guard.tracer().flush_blocking(Duration::from_secs(5)).result?;
    let spans = memory.get_finished_spans()?;
    for span in &spans {
        println!("{} in trace {}, parent {}", span.name, span.span_context.trace_id(), span.parent_span_id);
    }
    assert!(spans.iter().all(|span| span.span_context.trace_id() == spans[0].span_context.trace_id()));
    Ok(guard.shutdown().result?)
}
