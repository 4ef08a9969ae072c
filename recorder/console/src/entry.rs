//! A span as the console keeps it: little, and safe to show.

use std::{
    fmt::Write,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anytrace_api::{EndReason, Kind, SpanId, Status, TraceContext, Value};

use crate::{duration::human, text};
use anytrace_recorder::{FinishedEvent, FinishedSpan};

/// A span as the console keeps it. All its text is [clean](text::clean).
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
    /// What went wrong, in words; or empty.
    pub(crate) complaint: String,
    /// Tags, events, links; or empty.
    pub(crate) notes: String,
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
            complaint: text::clean(&complaint(span)),
            notes: text::clean(&notes(span)),
        }
    }

    /// With the characters that are left where there is only ASCII.
    pub(crate) fn into_ascii(self) -> Self {
        Entry {
            service: text::to_ascii(&self.service).into(),
            name: text::to_ascii(&self.name),
            complaint: text::to_ascii(&self.complaint),
            notes: text::to_ascii(&self.notes),
            ..self
        }
    }
}

fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// How it ended, where its owner did not finish it, and the error.
fn complaint(span: &FinishedSpan) -> String {
    let mut complaint = String::new();
    if span.end_reason() != EndReason::Finished {
        complaint.push_str(span.end_reason().as_str());
    }
    if let Some(Status::Error(why)) = span.status() {
        let separator = if complaint.is_empty() || why == Value::Absent { "" } else { ": " };
        let _ = write!(complaint, "{separator}{why}");
    }
    complaint
}

/// As [`MockTracer::tree`](anytrace_recorder::MockTracer::tree) writes them. Writing into a string does not fail.
fn notes(span: &FinishedSpan) -> String {
    let mut notes = String::new();
    write_tags(&mut notes, span.tags());
    let start = span.start();
    for event in span.events().filter(|event| !repeats_status(span, event)) {
        let after = event.at().duration_since(start).unwrap_or_default();
        let _ = write!(notes, " !{} +{}", event.name(), human(after));
        write_tags(&mut notes, event.tags());
    }
    for trace in span.links().filter_map(|link| link.context().trace_id()) {
        let _ = write!(notes, " ~{trace}");
    }
    notes.split_off(notes.len().min(1))
}

fn write_tags<'a>(notes: &mut String, tags: impl Iterator<Item = (&'a str, Value<'a>)>) {
    for (key, value) in tags {
        let _ = match value.as_str() {
            Some(text) if text.is_empty() || text.contains(char::is_whitespace) => {
                write!(notes, " {key}=\"{text}\"")
            }
            _ => write!(notes, " {key}={value}"),
        };
    }
}

/// The event says what the status says.
fn repeats_status(span: &FinishedSpan, event: &FinishedEvent<'_>) -> bool {
    let message = event.tag("exception.message");
    event.name() == "exception"
        && matches!((span.status(), message), (Some(Status::Error(why)), Some(message)) if why == message)
}
