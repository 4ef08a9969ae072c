//! What the SDK lets through.

use std::time::Duration;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use crate::END_REASON;

/// An exporter in front of another: of attributes with one key only the last goes on, whoever set them, and spans that
/// were discarded do not.
///
/// The SDK keeps every attribute it is given. The bridge tells each key once, but it cannot take back what a span
/// started with; raw OpenTelemetry and `tracing` repeat keys freely.
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
    /// In front of `other`.
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
            keep_last(&mut span.attributes);
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

/// The last value, in the place of the first.
fn keep_last(attributes: &mut Vec<KeyValue>) {
    let mut kept: Vec<KeyValue> = Vec::with_capacity(attributes.len());
    for attribute in attributes.drain(..) {
        match kept.iter_mut().find(|known| known.key == attribute.key) {
            Some(known) => known.value = attribute.value,
            None => kept.push(attribute),
        }
    }
    *attributes = kept;
}
