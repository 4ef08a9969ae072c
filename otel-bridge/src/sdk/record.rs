//! A finished span of the reference tracer, as the SDK's exporters know it.

use std::borrow::Cow;

use anytrace_api::{EndReason, InstrumentationScope, Name, Status, TraceContext, Value};
use anytrace_recorder::{FinishedEvent, FinishedLink, FinishedSpan, Resource};
use opentelemetry::{
    InstrumentationScope as OtelScope, KeyValue,
    trace::{Event, Link, SpanContext, SpanId, Status as OtelStatus},
};
use opentelemetry_sdk::{
    Resource as OtelResource,
    trace::{SpanData, SpanEvents, SpanLinks},
};

use crate::{END_REASON, convert, start};

pub(super) fn span(span: &FinishedSpan) -> SpanData {
    let mut attributes = attributes(span.tags());
    if span.end_reason() != EndReason::Finished {
        convert::set_attribute(
            &mut attributes,
            Name::Static(END_REASON),
            Value::Static(span.end_reason().as_str()),
        );
    }
    let mut events = SpanEvents::default();
    events.events = span.events().map(event).collect();
    events.dropped_count = span.dropped_events();
    let mut links = SpanLinks::default();
    links.links = span.links().filter_map(link).collect();
    links.dropped_count = span.dropped_links();
    SpanData {
        span_context: convert::span_context(span.context(), true).unwrap_or(SpanContext::NONE),
        parent_span_id: span
            .parent_span_id()
            .map_or(SpanId::INVALID, |parent| SpanId::from_bytes(parent.to_bytes())),
        parent_span_is_remote: span.parent_is_remote(),
        span_kind: start::kind(span.kind()),
        name: Cow::Owned(span.name().to_owned()),
        start_time: span.start(),
        end_time: span.end(),
        attributes,
        dropped_attributes_count: span.dropped_tags(),
        events,
        links,
        status: match span.status() {
            Some(Status::Ok) => OtelStatus::Ok,
            Some(Status::Error(why)) => OtelStatus::Error { description: convert::text(why) },
            _ => OtelStatus::Unset,
        },
        instrumentation_scope: scope(span.instrumentation_scope()),
    }
}

fn attributes<'a>(tags: impl Iterator<Item = (&'a str, Value<'a>)>) -> Vec<KeyValue> {
    let mut attributes = Vec::new();
    for (key, value) in tags {
        convert::set_attribute(&mut attributes, Name::Copied(key), value);
    }
    attributes
}

fn event(event: FinishedEvent<'_>) -> Event {
    Event::new(event.name().to_owned(), event.at(), attributes(event.tags()), event.dropped_tags())
}

fn link(link: FinishedLink<'_>) -> Option<Link> {
    let to = convert::span_context(link.context(), false)?;
    Some(Link::new(to, attributes(link.tags()), link.dropped_tags()))
}

fn scope(scope: Option<&'static InstrumentationScope>) -> OtelScope {
    let Some(scope) = scope else { return OtelScope::default() };
    let otel = OtelScope::builder(scope.name);
    let otel = if scope.version.is_empty() { otel } else { otel.with_version(scope.version) };
    otel.build()
}

pub(super) fn resource(resource: &Resource) -> OtelResource {
    let tags = resource.tags().filter_map(|(key, value)| {
        let mut attributes = Vec::new();
        convert::set_attribute(&mut attributes, key, value);
        attributes.pop()
    });
    OtelResource::builder_empty()
        .with_attributes(convert::OWN_RESOURCE.map(|(key, text)| KeyValue::new(key, text)))
        .with_attributes(tags)
        .with_service_name(resource.service_name().to_owned())
        .build()
}
