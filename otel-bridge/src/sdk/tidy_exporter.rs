//! An exporter that removes duplicate attributes and discarded spans.

use std::time::Duration;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use crate::END_REASON;

/// An exporter that removes discarded spans and duplicate attributes, and passes each batch to another exporter. Of
/// attributes with the same key, the last one is exported.
///
/// The SDK stores duplicate attributes. The bridge writes each key once, but cannot remove an attribute that the span
/// was started with, and spans of `tracing` and of OpenTelemetry's API often have duplicates.
///
/// ```
/// use anytrace_api::{Operation, TracerExt, tags};
/// use anytrace_otel_bridge::{OtelTracer, TidyExporter};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let memory = InMemorySpanExporter::default();
/// let exporter = TidyExporter::new(memory.clone());
/// let tracer = OtelTracer::sdk(SdkTracerProvider::builder().with_simple_exporter(exporter).build());
///
/// let tags = tags! { "route" => "?" };
/// tracer.start_trace(Operation::server("GET").tags(&tags)).tag("route", "/users").finish();
/// tracer.start_trace("health").discard();
///
/// let spans = memory.get_finished_spans().unwrap();
/// assert_eq!((spans.len(), spans[0].attributes.len()), (1, 1));
/// assert_eq!(spans[0].attributes[0].value, "/users".into());
/// ```
#[derive(Debug)]
pub struct TidyExporter<E>(E);

impl<E: SpanExporter> TidyExporter<E> {
    /// Creates an exporter that passes its batches to `other`.
    pub fn new(other: E) -> Self {
        TidyExporter(other)
    }
}

impl<E: SpanExporter> SpanExporter for TidyExporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.retain(|span| !is_discarded(span));
        if batch.is_empty() {
            return Ok(());
        }
        for span in &mut batch {
            deduplicate(&mut span.attributes);
        }
        self.0.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.0.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn is_discarded(span: &SpanData) -> bool {
    let discarded = Value::from("discarded");
    span.attributes
        .iter()
        .any(|attribute| attribute.key.as_str() == END_REASON && attribute.value == discarded)
}

/// Keeps the last value of each key, at the position of the first.
fn deduplicate(attributes: &mut Vec<KeyValue>) {
    let mut unique: Vec<KeyValue> = Vec::with_capacity(attributes.len());
    for attribute in attributes.drain(..) {
        match unique.iter_mut().find(|known| known.key == attribute.key) {
            Some(known) => known.value = attribute.value,
            None => unique.push(attribute),
        }
    }
    *attributes = unique;
}
