//! Spans exported by OpenTelemetry's SDK.

use std::sync::{Arc, Mutex};

use anytrace_api::{EndReason, Kind, SpanId, TraceId};
use anytrace_conformance::{RecordedEvent, RecordedLink, RecordedSpan, RecordedStatus, RecordedValue};
use anytrace_otel_bridge::END_REASON;
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{SpanContext, SpanKind, Status},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

/// An exporter that keeps spans in memory after a shutdown too. The SDK's `InMemorySpanExporter` clears them.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryExporter(Arc<Mutex<Vec<SpanData>>>);

impl MemoryExporter {
    pub(crate) fn recorded(&self) -> Vec<RecordedSpan> {
        self.0.lock().expect("not poisoned").iter().map(recorded).collect()
    }
}

impl SpanExporter for MemoryExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("not poisoned").extend(batch);
        Ok(())
    }
}

fn recorded(span: &SpanData) -> RecordedSpan {
    let (trace_id, span_id) = ids(&span.span_context);
    let mut recorded = RecordedSpan::new(span.name.clone(), trace_id, span_id);
    recorded.parent = SpanId::from_bytes(span.parent_span_id.to_bytes());
    recorded.kind = kind(&span.span_kind);
    recorded.tags = tags(&span.attributes);
    if let Some(index) = recorded.tags.iter().position(|(key, _)| key == END_REASON) {
        recorded.end_reason = end_reason(&recorded.tags.remove(index).1);
    }
    recorded.events = span
        .events
        .iter()
        .map(|event| RecordedEvent {
            name: event.name.to_string(),
            at: event.timestamp,
            tags: tags(&event.attributes),
        })
        .collect();
    recorded.links = span
        .links
        .iter()
        .map(|link| {
            let (trace_id, span_id) = ids(&link.span_context);
            RecordedLink { trace_id, span_id, tags: tags(&link.attributes) }
        })
        .collect();
    recorded.status = match &span.status {
        Status::Unset => None,
        Status::Ok => Some(RecordedStatus::Ok),
        Status::Error { description } => Some(RecordedStatus::Error(description.to_string())),
    };
    recorded.instrumentation_scope = instrumentation_scope(&span.instrumentation_scope);
    (recorded.start, recorded.end) = (span.start_time, span.end_time);
    recorded.dropped_tags = span.dropped_attributes_count;
    recorded.dropped_events = span.events.dropped_count;
    recorded.dropped_links = span.links.dropped_count;
    recorded
}

fn ids(context: &SpanContext) -> (TraceId, SpanId) {
    let ids = TraceId::from_bytes(context.trace_id().to_bytes())
        .zip(SpanId::from_bytes(context.span_id().to_bytes()));
    ids.expect("exported spans have valid ids")
}

fn kind(kind: &SpanKind) -> Kind {
    match kind {
        SpanKind::Client => Kind::Client,
        SpanKind::Server => Kind::Server,
        SpanKind::Producer => Kind::Producer,
        SpanKind::Consumer => Kind::Consumer,
        SpanKind::Internal => Kind::Internal,
    }
}

pub(super) fn end_reason(value: &RecordedValue) -> EndReason {
    let reasons = [EndReason::Dropped, EndReason::Panicked, EndReason::Cancelled, EndReason::Discarded];
    let reason = reasons.into_iter().find(|reason| *value == RecordedValue::Text(reason.as_str().to_owned()));
    reason.expect("a known end reason")
}

fn instrumentation_scope(scope: &InstrumentationScope) -> Option<(String, String)> {
    let version = scope.version().unwrap_or_default();
    (!scope.name().is_empty()).then(|| (scope.name().to_owned(), version.to_owned()))
}

fn tags(attributes: &[KeyValue]) -> Vec<(String, RecordedValue)> {
    attributes.iter().map(|tag| (tag.key.to_string(), value_of(&tag.value))).collect()
}

fn value_of(value: &Value) -> RecordedValue {
    match value {
        Value::Bool(value) => RecordedValue::Bool(*value),
        Value::I64(value) => RecordedValue::Int((*value).into()),
        Value::F64(value) => RecordedValue::Float(*value),
        Value::Array(Array::Bool(list)) => list.iter().copied().map(RecordedValue::Bool).collect(),
        Value::Array(Array::I64(list)) => {
            list.iter().map(|value| RecordedValue::Int((*value).into())).collect()
        }
        Value::Array(Array::F64(list)) => list.iter().copied().map(RecordedValue::Float).collect(),
        Value::Array(Array::String(list)) => {
            list.iter().map(|text| RecordedValue::Text(text.to_string())).collect()
        }
        other => RecordedValue::Text(other.to_string()),
    }
}
