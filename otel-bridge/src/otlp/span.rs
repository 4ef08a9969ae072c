//! A finished span, as OTLP has it.

use std::time::{SystemTime, UNIX_EPOCH};

use anytrace_api::{Context, Ending, Kind, Status, TraceContext, Value};
use anytrace_recorder::{FinishedEvent, FinishedLink, FinishedSpan};
use opentelemetry_proto::tonic::trace::v1::{
    Span, SpanFlags, Status as ProtoStatus,
    span::{Event, Link, SpanKind},
    status::StatusCode,
};

use super::value::{attribute, attributes};
use crate::{ENDING, convert};

pub(super) fn proto(span: &FinishedSpan) -> Span {
    let context = span.context();
    Span {
        trace_id: span.trace_id().to_bytes().to_vec(),
        span_id: span.span_id().to_bytes().to_vec(),
        trace_state: context.trace_state().to_string(),
        parent_span_id: span.parent_span_id().map_or_else(Vec::new, |parent| parent.to_bytes().to_vec()),
        flags: flags(context, convert::SAMPLED_WHEN_DEFERRED, span.parent_is_remote()),
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
fn tags(span: &FinishedSpan) -> Vec<opentelemetry_proto::tonic::common::v1::KeyValue> {
    if span.ending() == Ending::Finished {
        return attributes(span.tags());
    }
    let mut kept = attributes(span.tags().filter(|(key, _)| *key != ENDING));
    kept.extend(attribute(ENDING, Value::Fixed(span.ending().as_str())));
    kept
}

/// The flags of W3C Trace Context, and whether the context (of a span: its parent's) came from another process.
fn flags(context: &Context, deferred: bool, is_remote: bool) -> u32 {
    let of_trace = convert::flags(context.sampling(), context.is_random(), deferred).to_u8();
    let remote = if is_remote { SpanFlags::ContextIsRemoteMask as u32 } else { 0 };
    u32::from(of_trace) | SpanFlags::ContextHasIsRemoteMask as u32 | remote
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
        Status::Error(why) => (StatusCode::Error, convert::text(why).into_owned()),
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
