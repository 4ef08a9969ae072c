//! The data of a span that the console stores.

use std::{
    fmt::Write,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anytrace_api::{EndReason, Kind, SpanId, Status, TraceContext, Value};

use crate::{duration::human, text};
use anytrace_recorder::{FinishedEvent, FinishedSpan};

/// The data of a span that the console stores. All text is [clean](text::clean).
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: SpanId,
    pub(crate) parent: Option<SpanId>,
    pub(crate) parent_is_remote: bool,
    pub(crate) service: Arc<str>,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Nanoseconds since the epoch.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) failed: bool,
    /// The end reason and the error message, or empty.
    pub(crate) error: String,
    /// Tags, events and links, or empty.
    pub(crate) details: String,
}

impl Entry {
    pub(crate) fn new(span: &FinishedSpan, service: Arc<str>) -> Self {
        Entry {
            id: span.span_id(),
            parent: span.parent_span_id(),
            parent_is_remote: span.parent_is_remote(),
            service,
            name: text::clean(span.name()),
            kind: span.kind(),
            start: nanos(span.start()),
            end: nanos(span.end()),
            failed: span.is_error() || span.end_reason() == EndReason::Panicked,
            error: text::clean(&error(span)),
            details: text::clean(&details(span)),
        }
    }

    /// Replaces all characters beyond ASCII.
    pub(crate) fn into_ascii(self) -> Self {
        Entry {
            service: text::to_ascii(&self.service).into(),
            name: text::to_ascii(&self.name),
            error: text::to_ascii(&self.error),
            details: text::to_ascii(&self.details),
            ..self
        }
    }
}

fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// Formats the end reason, unless the span was finished, and the error message.
fn error(span: &FinishedSpan) -> String {
    let mut error = String::new();
    if span.end_reason() != EndReason::Finished {
        error.push_str(span.end_reason().as_str());
    }
    if let Some(Status::Error(message)) = span.status() {
        let separator = if error.is_empty() || message == Value::Absent { "" } else { ": " };
        let _ = write!(error, "{separator}{message}");
    }
    error
}

/// Formats tags, events and links like [`MockTracer::tree`](anytrace_recorder::MockTracer::tree). Writing into a string
/// does not fail.
fn details(span: &FinishedSpan) -> String {
    let mut details = String::new();
    write_tags(&mut details, span.tags());
    let start = span.start();
    for event in span.events().filter(|event| !repeats_status(span, event)) {
        let after = event.at().duration_since(start).unwrap_or_default();
        let _ = write!(details, " !{} +{}", event.name(), human(after));
        write_tags(&mut details, event.tags());
    }
    for trace in span.links().filter_map(|link| link.context().trace_id()) {
        let _ = write!(details, " ~{trace}");
    }
    details.split_off(details.len().min(1))
}

fn write_tags<'a>(details: &mut String, tags: impl Iterator<Item = (&'a str, Value<'a>)>) {
    for (key, value) in tags {
        let _ = match value.as_str() {
            Some(text) if text.is_empty() || text.contains(char::is_whitespace) => {
                write!(details, " {key}=\"{text}\"")
            }
            _ => write!(details, " {key}={value}"),
        };
    }
}

/// Returns whether the event has the same error message as the status.
fn repeats_status(span: &FinishedSpan, event: &FinishedEvent<'_>) -> bool {
    let event_message = event.tag("exception.message");
    event.name() == "exception"
        && matches!((span.status(), event_message), (Some(Status::Error(message)), Some(event_message)) if message == event_message)
}
