//! Converts finished spans of the reference tracer to the SDK's span data.

use std::borrow::Cow;

use anytrace_api::{Name, Status, TraceContext, Value};
use anytrace_recorder::{FinishedEvent, FinishedLink, FinishedSpan, Resource};
use opentelemetry::{
    InstrumentationScope as OtelScope, KeyValue,
    trace::{Event, Link, SpanContext, SpanId, Status as OtelStatus},
};
use opentelemetry_sdk::{
    Resource as OtelResource,
    trace::{SpanData, SpanEvents, SpanLinks},
};

use crate::convert;

pub(super) fn span(span: &FinishedSpan) -> SpanData {
    let mut attributes = attributes(span.tags());
    convert::set_end_reason(&mut attributes, span.end_reason());
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
        span_kind: convert::span_kind(span.kind()),
        name: Cow::Owned(span.name().to_owned()),
        start_time: span.start(),
        end_time: span.end(),
        attributes,
        dropped_attributes_count: span.dropped_tags(),
        events,
        links,
        status: match span.status() {
            Some(Status::Ok) => OtelStatus::Ok,
            Some(Status::Error(message)) => OtelStatus::Error { description: convert::text(message) },
            _ => OtelStatus::Unset,
        },
        instrumentation_scope: span
            .instrumentation_scope()
            .map_or_else(OtelScope::default, convert::instrumentation_scope),
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
