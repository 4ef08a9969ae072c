//! Encodes a finished span: the message `Span` (`trace/v1/trace.proto`).

use std::{
    borrow::Cow,
    io::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use anytrace_api::{Context, EndReason, Kind, Status, TraceContext, Value, data::TraceState};
use anytrace_recorder::{FinishedEvent, FinishedLink, FinishedSpan};

use crate::{
    attribute::{attribute, attributes},
    protobuf::{fixed64, integer, message, sized_head, sized_key, sized_size, text, varint_key},
};

const TRACE_ID: u8 = 1;
const SPAN_ID: u8 = 2;
const TRACE_STATE: u8 = 3;
const PARENT_SPAN_ID: u8 = 4;
const NAME: u8 = 5;
const KIND: u8 = 6;
const START: u8 = 7;
const END: u8 = 8;
const ATTRIBUTES: u8 = 9;
const DROPPED_ATTRIBUTES: u8 = 10;
const EVENTS: u8 = 11;
const DROPPED_EVENTS: u8 = 12;
const LINKS: u8 = 13;
const DROPPED_LINKS: u8 = 14;
const STATUS: u8 = 15;
/// The key of field 16 (`fixed32`), which takes two bytes.
const FLAGS_KEY: [u8; 2] = [0x85, 0x01];

/// Spans whose sampling decision is deferred are exported as sampled: marked as not sampled, a server would discard them.
const SAMPLED_WHEN_DEFERRED: bool = true;

/// The typical size of a span with a few tags, in bytes.
pub(crate) const TYPICAL_SPAN: usize = 200;

/// The typical size of an event or a link, in bytes.
const TYPICAL_PART: usize = 100;

/// Appends the span as a `field` of the message at the end of `out`.
pub(crate) fn write(out: &mut Vec<u8>, field: u8, span: &FinishedSpan) {
    message(out, field, TYPICAL_SPAN, |out| fields(out, span));
}

fn fields(out: &mut Vec<u8>, span: &FinishedSpan) {
    let context = span.context();
    ids(out, span.trace_id().to_bytes(), span.span_id().to_bytes());
    trace_state(out, context.trace_state());
    if let Some(parent) = span.parent_span_id() {
        out.extend_from_slice(&[sized_key(PARENT_SPAN_ID), 8]);
        out.extend_from_slice(&parent.to_bytes());
    }
    text(out, NAME, span.name());
    out.extend_from_slice(&[varint_key(KIND), kind(span.kind())]);
    fixed64(out, START, nanos(span.start()));
    fixed64(out, END, nanos(span.end()));
    tags(out, span);
    integer(out, DROPPED_ATTRIBUTES, span.dropped_tags());
    span.events().for_each(|recorded| event(out, recorded));
    integer(out, DROPPED_EVENTS, span.dropped_events());
    span.links().for_each(|linked| link(out, linked));
    integer(out, DROPPED_LINKS, span.dropped_links());
    span.status().into_iter().for_each(|set| status(out, set));
    out.extend_from_slice(&FLAGS_KEY);
    let flags = flags(context, SAMPLED_WHEN_DEFERRED, span.parent_is_remote());
    out.extend_from_slice(&flags.to_le_bytes());
}

/// Appends the two ids with which spans and links begin.
fn ids(out: &mut Vec<u8>, trace: [u8; 16], span: [u8; 8]) {
    let mut both = [0; 28];
    (both[0], both[1]) = (sized_key(TRACE_ID), 16);
    both[2..18].copy_from_slice(&trace);
    (both[18], both[19]) = (sized_key(SPAN_ID), 8);
    both[20..].copy_from_slice(&span);
    out.extend_from_slice(&both);
}

fn trace_state(out: &mut Vec<u8>, state: &TraceState) {
    if !state.is_empty() {
        // Writing to a `Vec` does not fail.
        message(out, TRACE_STATE, TYPICAL_PART, |out| _ = write!(out, "{state}"));
    }
}

/// Appends the tags. The end reason of the span replaces a tag with the same key.
fn tags(out: &mut Vec<u8>, span: &FinishedSpan) {
    if span.end_reason() == EndReason::Finished {
        return attributes(out, ATTRIBUTES, span.tags());
    }
    attributes(out, ATTRIBUTES, span.tags().filter(|(key, _)| *key != EndReason::KEY));
    attribute(out, ATTRIBUTES, EndReason::KEY, Value::Static(span.end_reason().as_str()));
}

/// Returns the flags of W3C Trace Context, and whether the context came from another process; for a span, the context
/// of its parent. A flag of its own marks this information as known, so the result is never zero.
fn flags(context: &Context, deferred: bool, is_remote: bool) -> u32 {
    const SAMPLED: u32 = 0x01;
    const RANDOM_TRACE_ID: u32 = 0x02;
    const HAS_IS_REMOTE: u32 = 0x100;
    const IS_REMOTE: u32 = 0x200;
    let mut flags = HAS_IS_REMOTE;
    if context.sampling().is_sampled().unwrap_or(deferred) {
        flags |= SAMPLED;
    }
    if context.is_random() {
        flags |= RANDOM_TRACE_ID;
    }
    if is_remote {
        flags |= IS_REMOTE;
    }
    flags
}

fn kind(kind: Kind) -> u8 {
    match kind {
        Kind::Server => 2,
        Kind::Client => 3,
        Kind::Producer => 4,
        Kind::Consumer => 5,
        // Internal, and new variants of `Kind`.
        _ => 1,
    }
}

fn status(out: &mut Vec<u8>, status: Status<'_>) {
    const MESSAGE: u8 = 2;
    const CODE: u8 = 3;
    let (code, message) = match status {
        Status::Ok => (1, Cow::Borrowed("")),
        Status::Error(Value::Static(text) | Value::Copied(text)) => (2, Cow::Borrowed(text)),
        Status::Error(value) => (2, value.to_string().into()),
        _ => return,
    };
    let of_message = if message.is_empty() { 0 } else { sized_size(message.len()) };
    sized_head(out, STATUS, of_message + 2);
    text(out, MESSAGE, &message);
    out.extend_from_slice(&[varint_key(CODE), code]);
}

fn event(out: &mut Vec<u8>, event: FinishedEvent<'_>) {
    message(out, EVENTS, TYPICAL_PART, |out| {
        fixed64(out, 1, nanos(event.at()));
        text(out, 2, event.name());
        attributes(out, 3, event.tags());
        integer(out, 4, event.dropped_tags());
    });
}

/// Appends a link, or nothing if its context has no ids.
fn link(out: &mut Vec<u8>, link: FinishedLink<'_>) {
    let context = link.context();
    let Some((trace, span)) = context.ids() else { return };
    message(out, LINKS, TYPICAL_PART, |out| {
        ids(out, trace.to_bytes(), span.to_bytes());
        trace_state(out, context.trace_state());
        attributes(out, 4, link.tags());
        integer(out, 5, link.dropped_tags());
        out.push(FIXED32_KEY_6);
        out.extend_from_slice(&flags(context, false, context.is_remote()).to_le_bytes());
    });
}

/// The key of the flags of a link.
const FIXED32_KEY_6: u8 = 6 << 3 | 5;

/// Returns the nanoseconds since the Unix epoch; 0 for an earlier time.
fn nanos(time: SystemTime) -> u64 {
    let Ok(since) = time.duration_since(UNIX_EPOCH) else { return 0 };
    let nanos = since.as_secs().checked_mul(1_000_000_000);
    nanos.and_then(|nanos| nanos.checked_add(since.subsec_nanos().into())).unwrap_or(u64::MAX)
}
