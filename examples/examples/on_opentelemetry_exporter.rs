//! Shows how the reference tracer exports through any OpenTelemetry span exporter.
//!
//! The exporter in this example keeps the spans in memory.

use std::{error::Error, time::Duration};

use anytrace_otel_bridge::ExporterRecorder;
use opentelemetry_sdk::trace::InMemorySpanExporter;

fn main() -> Result<(), Box<dyn Error>> {
    let memory = InMemorySpanExporter::default();
    // An exporter that needs a tokio runtime: `ExporterRecorder::in_tokio`.
    let recorder = ExporterRecorder::new(memory.clone());
    let tracing = anytrace::builder().service("shop").recorder(recorder).init()?;

    anytrace::start_span("shop.visit").run(|| bookshop::quote(&["Emma"]))?;

    tracing.flush(Duration::from_secs(5)).result?;
    for span in memory.get_finished_spans()? {
        println!("{} by {:?}", span.name, span.instrumentation_scope.name());
    }
    println!("stats: {}", tracing.stats());
    assert_eq!(tracing.stats().delivered, tracing.stats().started);
    Ok(())
}
