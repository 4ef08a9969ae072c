//! Equal spans in the form that the SDK passes to exporters.

use std::borrow::Cow;

use anytrace_api::{Context, Kind, Status as OurStatus, TraceContext, Value as OurValue};
use anytrace_recorder::{FinishedSpan, Resource};
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, StringValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::anytrace::batch::LITERALS;

/// Converts a batch to equal spans of the SDK.
pub(super) fn batch(spans: &[FinishedSpan]) -> Vec<SpanData> {
    spans.iter().map(span).collect()
}

pub(super) fn resource(resource: &Resource) -> opentelemetry_sdk::Resource {
    let tags = resource.tags().map(|(key, value)| KeyValue::new(literal(key.as_str()), self::value(value)));
    let service = KeyValue::new("service.name", resource.service_name().to_owned());
    opentelemetry_sdk::Resource::builder().with_attributes(tags.chain([service])).build()
}

fn span(span: &FinishedSpan) -> SpanData {
    let mut events = SpanEvents::default();
    let span_events = span.events();
    events.events = span_events
        .map(|event| Event::new(literal(event.name()), event.at(), attributes(event.tags()), 0))
        .collect();
    let mut links = SpanLinks::default();
    let linked = span.links();
    links.links = linked.map(|link| Link::new(context(link.context()), attributes(link.tags()), 0)).collect();
    let scope = span.instrumentation_scope().expect("each span of the batch has a scope");
    SpanData {
        span_context: context(span.context()),
        parent_span_id: span.parent_span_id().map_or(SpanId::INVALID, |id| SpanId::from_bytes(id.to_bytes())),
        parent_span_is_remote: span.parent_is_remote(),
        span_kind: match span.kind() {
            Kind::Server => SpanKind::Server,
            Kind::Client => SpanKind::Client,
            _ => SpanKind::Internal,
        },
        name: literal(span.name()),
        start_time: span.start(),
        end_time: span.end(),
        attributes: attributes(span.tags()),
        dropped_attributes_count: 0,
        events,
        links,
        status: match span.status() {
            Some(OurStatus::Error(why)) => Status::error(why.to_string()),
            _ => Status::Unset,
        },
        instrumentation_scope: InstrumentationScope::builder(scope.name).with_version(scope.version).build(),
    }
}

fn context(context: &Context) -> SpanContext {
    let (trace, span) = context.ids().expect("a span has ids");
    let random = if context.is_random() { TraceFlags::new(0x02) } else { TraceFlags::NOT_SAMPLED };
    SpanContext::new(
        TraceId::from_bytes(trace.to_bytes()),
        SpanId::from_bytes(span.to_bytes()),
        TraceFlags::SAMPLED | random,
        context.is_remote(),
        TraceState::from_key_value(context.trace_state().iter()).expect("a valid trace state"),
    )
}

fn attributes<'a>(tags: impl Iterator<Item = (&'a str, OurValue<'a>)>) -> Vec<KeyValue> {
    tags.map(|(key, tag)| KeyValue::new(literal(key), value(tag))).collect()
}

fn value(value: OurValue<'_>) -> Value {
    match value {
        OurValue::Bool(value) => value.into(),
        OurValue::I64(value) => value.into(),
        OurValue::F64(value) => value.into(),
        OurValue::Static(text) | OurValue::Copied(text) => Value::String(literal(text).into()),
        OurValue::Texts(texts) => {
            Value::Array(Array::String(texts.iter().map(|text| StringValue::from(literal(text))).collect()))
        }
        other => panic!("{other:?} is not in the batches"),
    }
}

/// Borrows literals, and copies other texts.
fn literal(text: &str) -> Cow<'static, str> {
    let known = LITERALS.into_iter().find(|known| *known == text);
    known.map_or_else(|| Cow::Owned(text.to_owned()), Cow::Borrowed)
}
