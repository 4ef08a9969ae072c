//! The reference encoding: messages of `opentelemetry-proto`, filled field by field.

use std::time::{SystemTime, UNIX_EPOCH};

use anytrace_api::{Context, EndReason, InstrumentationScope, Kind, Status, TraceContext, Value};
use anytrace_recorder::{FinishedEvent, FinishedLink, FinishedSpan, Resource};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{
        AnyValue, ArrayValue, InstrumentationScope as ProtoScope, KeyValue, any_value::Value as Proto,
    },
    resource::v1::Resource as ProtoResource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, SpanFlags, Status as ProtoStatus,
        span::{Event, Link, SpanKind},
        status::StatusCode,
    },
};

const OWN_RESOURCE: [(&str, &str); 3] = [
    ("telemetry.sdk.name", "anytrace"),
    ("telemetry.sdk.language", "rust"),
    ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
];

/// Builds the request for the spans of one service, grouped by instrumentation scope.
pub(super) fn request(resource: &Resource, spans: &[FinishedSpan]) -> ExportTraceServiceRequest {
    let mut scopes: Vec<(Option<&InstrumentationScope>, ScopeSpans)> = Vec::new();
    for finished in spans {
        let origin = finished.instrumentation_scope();
        // There are few, and one's spans come together.
        let place = scopes.iter().rposition(|(known, _)| *known == origin).unwrap_or_else(|| {
            let scope = origin.map(scope);
            scopes.push((origin, ScopeSpans { scope, ..ScopeSpans::default() }));
            scopes.len() - 1
        });
        scopes[place].1.spans.push(span(finished));
    }
    let of_service = ResourceSpans {
        resource: Some(self::resource(resource)),
        scope_spans: scopes.into_iter().map(|(_, scope)| scope).collect(),
        schema_url: String::new(),
    };
    ExportTraceServiceRequest { resource_spans: vec![of_service] }
}

fn scope(origin: &InstrumentationScope) -> ProtoScope {
    ProtoScope { name: origin.name.to_owned(), version: origin.version.to_owned(), ..ProtoScope::default() }
}

/// Builds the resource. The application's tags override the attributes of the library.
fn resource(resource: &Resource) -> ProtoResource {
    let said = |key: &str| resource.tags().any(|(known, _)| known.as_str() == key);
    let own = OWN_RESOURCE.into_iter().filter(|(key, _)| !said(key));
    let own = own.filter_map(|(key, text)| attribute(key, Value::Static(text)));
    let name = attribute(SERVICE_NAME, Value::Copied(resource.service_name()));
    let tags = resource.tags().filter(|(key, _)| key.as_str() != SERVICE_NAME);
    let tags = tags.filter_map(|(key, value)| attribute(key.as_str(), value));
    let attributes = own.chain(name).chain(tags).collect();
    ProtoResource { attributes, ..ProtoResource::default() }
}

const SERVICE_NAME: &str = "service.name";

fn span(span: &FinishedSpan) -> Span {
    let context = span.context();
    Span {
        trace_id: span.trace_id().to_bytes().to_vec(),
        span_id: span.span_id().to_bytes().to_vec(),
        trace_state: context.trace_state().to_string(),
        parent_span_id: span.parent_span_id().map_or_else(Vec::new, |parent| parent.to_bytes().to_vec()),
        flags: flags(context, true, span.parent_is_remote()),
        name: span.name().to_owned(),
        kind: kind(span.kind()).into(),
        start_time_unix_nano: nanos(span.start()),
        end_time_unix_nano: nanos(span.end()),
        attributes: tags(span),
        dropped_attributes_count: span.dropped_tags(),
        events: span.events().map(event).collect(),
        dropped_events_count: span.dropped_events(),
        links: span.links().filter_map(link).collect(),
        dropped_links_count: span.dropped_links(),
        status: span.status().and_then(status),
    }
}

/// The span's own word on how it ended replaces a tag of that name.
fn tags(span: &FinishedSpan) -> Vec<KeyValue> {
    if span.end_reason() == EndReason::Finished {
        return attributes(span.tags());
    }
    let mut kept = attributes(span.tags().filter(|(key, _)| *key != EndReason::KEY));
    kept.extend(attribute(EndReason::KEY, Value::Static(span.end_reason().as_str())));
    kept
}

/// The flags of W3C Trace Context, and whether the context (of a span: its parent's) came from another process.
fn flags(context: &Context, deferred: bool, is_remote: bool) -> u32 {
    let sampled = u32::from(context.sampling().is_sampled().unwrap_or(deferred));
    let of_trace = sampled | if context.is_random() { 2 } else { 0 };
    let remote = if is_remote { SpanFlags::ContextIsRemoteMask as u32 } else { 0 };
    of_trace | SpanFlags::ContextHasIsRemoteMask as u32 | remote
}

fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn status(status: Status<'_>) -> Option<ProtoStatus> {
    let (code, message) = match status {
        Status::Ok => (StatusCode::Ok, String::new()),
        Status::Error(why) => (StatusCode::Error, why.to_string()),
        _ => return None,
    };
    Some(ProtoStatus { code: code.into(), message })
}

fn event(event: FinishedEvent<'_>) -> Event {
    Event {
        time_unix_nano: nanos(event.at()),
        name: event.name().to_owned(),
        attributes: attributes(event.tags()),
        dropped_attributes_count: event.dropped_tags(),
    }
}

/// A link to what has no ids says nothing.
fn link(link: FinishedLink<'_>) -> Option<Link> {
    let context = link.context();
    let (trace, span) = context.ids()?;
    Some(Link {
        trace_id: trace.to_bytes().to_vec(),
        span_id: span.to_bytes().to_vec(),
        trace_state: context.trace_state().to_string(),
        attributes: attributes(link.tags()),
        dropped_attributes_count: link.dropped_tags(),
        flags: flags(context, false, context.is_remote()),
    })
}

/// Since the epoch; before it, zero.
fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// Returns `None` for an absent value.
fn attribute(key: &str, value: Value<'_>) -> Option<KeyValue> {
    let value = Some(AnyValue { value: Some(proto(value)?) });
    Some(KeyValue { key: key.to_owned(), value, ..KeyValue::default() })
}

fn attributes<'a>(tags: impl Iterator<Item = (&'a str, Value<'a>)>) -> Vec<KeyValue> {
    tags.filter_map(|(key, value)| attribute(key, value)).collect()
}

/// OTLP has a type for each but integers beyond `i64`, which become text.
fn proto(value: Value<'_>) -> Option<Proto> {
    Some(match value {
        Value::Absent => return None,
        Value::Bool(value) => Proto::BoolValue(value),
        Value::I64(value) => Proto::IntValue(value),
        Value::U64(value) => {
            i64::try_from(value).map_or_else(|_| Proto::StringValue(value.to_string()), Proto::IntValue)
        }
        Value::F64(value) => Proto::DoubleValue(value),
        Value::Static(text) | Value::Copied(text) => Proto::StringValue(text.to_owned()),
        Value::Bytes(bytes) => Proto::BytesValue(bytes.to_vec()),
        Value::Bools(list) => array(list.iter().copied().map(Proto::BoolValue)),
        Value::I64s(list) => array(list.iter().copied().map(Proto::IntValue)),
        Value::F64s(list) => array(list.iter().copied().map(Proto::DoubleValue)),
        Value::Texts(list) => array(list.iter().map(|text| Proto::StringValue(text.to_owned()))),
        other => Proto::StringValue(other.to_string()),
    })
}

fn array(values: impl Iterator<Item = Proto>) -> Proto {
    let values = values.map(|value| AnyValue { value: Some(value) }).collect();
    Proto::ArrayValue(ArrayValue { values })
}
