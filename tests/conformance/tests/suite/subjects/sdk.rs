//! What OpenTelemetry's SDK has exported.

use std::sync::{Arc, Mutex};

use anytrace_api::{EndReason, Kind, SpanId, TraceId};
use anytrace_conformance::{Recorded, RecordedEvent, RecordedLink, RecordedStatus, Said};
use anytrace_otel_bridge::END_REASON;
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{SpanContext, SpanKind, Status},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

/// Keeps what it exports, also when it is shut down, which the SDK's own does not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl Kept {
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        self.0.lock().expect("nobody panicked").iter().map(recorded).collect()
    }
}

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("nobody panicked").extend(batch);
        Ok(())
    }
}

fn recorded(span: &SpanData) -> Recorded {
    let (trace_id, span_id) = ids(&span.span_context);
    let mut recorded = Recorded::new(span.name.clone(), trace_id, span_id);
    recorded.parent = SpanId::from_bytes(span.parent_span_id.to_bytes());
    recorded.kind = kind(&span.span_kind);
    recorded.tags = tags(&span.attributes);
    if let Some(place) = recorded.tags.iter().position(|(key, _)| key == END_REASON) {
        recorded.end_reason = ending(&recorded.tags.remove(place).1);
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
    ids.expect("what is exported has both")
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

pub(super) fn ending(said: &Said) -> EndReason {
    let endings = [EndReason::Dropped, EndReason::Panicked, EndReason::Cancelled, EndReason::Discarded];
    let said = endings.into_iter().find(|ending| *said == Said::Text(ending.as_str().to_owned()));
    said.expect("it is one of ours")
}

fn instrumentation_scope(scope: &InstrumentationScope) -> Option<(String, String)> {
    let version = scope.version().unwrap_or_default();
    (!scope.name().is_empty()).then(|| (scope.name().to_owned(), version.to_owned()))
}

fn tags(attributes: &[KeyValue]) -> Vec<(String, Said)> {
    attributes.iter().map(|tag| (tag.key.to_string(), said(&tag.value))).collect()
}

fn said(value: &Value) -> Said {
    match value {
        Value::Bool(value) => Said::Bool(*value),
        Value::I64(value) => Said::Int((*value).into()),
        Value::F64(value) => Said::Float(*value),
        Value::Array(Array::Bool(list)) => list.iter().copied().map(Said::Bool).collect(),
        Value::Array(Array::I64(list)) => list.iter().map(|value| Said::Int((*value).into())).collect(),
        Value::Array(Array::F64(list)) => list.iter().copied().map(Said::Float).collect(),
        Value::Array(Array::String(list)) => list.iter().map(|text| Said::Text(text.to_string())).collect(),
        other => Said::Text(other.to_string()),
    }
}
