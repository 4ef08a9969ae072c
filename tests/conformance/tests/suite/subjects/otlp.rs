//! Spans received by an OTLP server.

use std::time::{Duration, SystemTime};

use anytrace_api::{Kind, SpanId, TraceId};
use anytrace_conformance::{RecordedEvent, RecordedLink, RecordedSpan, RecordedStatus, RecordedValue};
use anytrace_otel_bridge::END_REASON;
use anytrace_test_receiver::Receiver;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    trace::v1::{
        Span,
        span::{Event, Link, SpanKind},
        status::StatusCode,
    },
};
use prost::Message;

use super::sdk;

pub(crate) fn recorded(receiver: &Receiver) -> Vec<RecordedSpan> {
    let mut recorded = Vec::new();
    for request in receiver.accepted() {
        let message =
            ExportTraceServiceRequest::decode(&*request.body).expect("every body is an export request");
        for scope in message.resource_spans.into_iter().flat_map(|resource| resource.scope_spans) {
            recorded.extend(scope.spans.iter().map(|span| one(span, scope.scope.as_ref())));
        }
    }
    recorded
}

fn one(span: &Span, scope: Option<&InstrumentationScope>) -> RecordedSpan {
    let (trace_id, span_id) = ids(&span.trace_id, &span.span_id);
    let mut recorded = RecordedSpan::new(&*span.name, trace_id, span_id);
    let parent = Some(&span.parent_span_id).filter(|parent| !parent.is_empty());
    recorded.parent = parent.map(|parent| self::span_id(parent));
    recorded.kind = match span.kind() {
        SpanKind::Client => Kind::Client,
        SpanKind::Server => Kind::Server,
        SpanKind::Producer => Kind::Producer,
        SpanKind::Consumer => Kind::Consumer,
        SpanKind::Internal => Kind::Internal,
        SpanKind::Unspecified => panic!("a span without a kind"),
    };
    recorded.tags = tags(&span.attributes);
    if let Some(index) = recorded.tags.iter().position(|(key, _)| key == END_REASON) {
        recorded.end_reason = sdk::end_reason(&recorded.tags.remove(index).1);
    }
    recorded.events = span.events.iter().map(event).collect();
    recorded.links = span.links.iter().map(link).collect();
    recorded.status = span.status.as_ref().and_then(|status| match status.code() {
        StatusCode::Unset => None,
        StatusCode::Ok => Some(RecordedStatus::Ok),
        StatusCode::Error => Some(RecordedStatus::Error(status.message.clone())),
    });
    recorded.instrumentation_scope = scope.map(|scope| (scope.name.clone(), scope.version.clone()));
    (recorded.start, recorded.end) = (time(span.start_time_unix_nano), time(span.end_time_unix_nano));
    recorded.dropped_tags = span.dropped_attributes_count;
    recorded.dropped_events = span.dropped_events_count;
    recorded.dropped_links = span.dropped_links_count;
    recorded
}

fn event(event: &Event) -> RecordedEvent {
    RecordedEvent { name: event.name.clone(), at: time(event.time_unix_nano), tags: tags(&event.attributes) }
}

fn link(link: &Link) -> RecordedLink {
    let (trace_id, span_id) = ids(&link.trace_id, &link.span_id);
    RecordedLink { trace_id, span_id, tags: tags(&link.attributes) }
}

fn tags(attributes: &[KeyValue]) -> Vec<(String, RecordedValue)> {
    attributes.iter().map(|tag| (tag.key.clone(), value_of(tag.value.as_ref()))).collect()
}

fn value_of(value: Option<&AnyValue>) -> RecordedValue {
    match value.and_then(|value| value.value.as_ref()).expect("every attribute has a value") {
        Value::StringValue(text) => RecordedValue::Text(text.clone()),
        Value::BoolValue(value) => RecordedValue::Bool(*value),
        Value::IntValue(value) => RecordedValue::Int((*value).into()),
        Value::DoubleValue(value) => RecordedValue::Float(*value),
        Value::BytesValue(bytes) => RecordedValue::Bytes(bytes.clone()),
        Value::ArrayValue(list) => list.values.iter().map(|value| value_of(Some(value))).collect(),
        other => panic!("unexpected attribute value {other:?}"),
    }
}

fn ids(trace: &[u8], span: &[u8]) -> (TraceId, SpanId) {
    let trace = trace.try_into().ok().and_then(TraceId::from_bytes);
    (trace.expect("a trace id"), span_id(span))
}

fn span_id(span: &[u8]) -> SpanId {
    span.try_into().ok().and_then(SpanId::from_bytes).expect("a span id")
}

fn time(nanos: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)
}
