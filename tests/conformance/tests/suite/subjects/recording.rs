//! Spans recorded by the reference tracer.

use anytrace_api::{Status, TraceContext, Value};
use anytrace_conformance::{RecordedEvent, RecordedLink, RecordedSpan, RecordedStatus, RecordedValue};
use anytrace_recorder::FinishedSpan;

pub(crate) fn recorded(span: &FinishedSpan) -> RecordedSpan {
    let mut recorded = RecordedSpan::new(span.name(), span.trace_id(), span.span_id());
    recorded.parent = span.parent_span_id();
    recorded.kind = span.kind();
    recorded.tags = tags(span.tags());
    recorded.events = span
        .events()
        .map(|event| RecordedEvent {
            name: event.name().to_owned(),
            at: event.at(),
            tags: tags(event.tags()),
        })
        .collect();
    recorded.links = span
        .links()
        .filter_map(|link| {
            let (trace_id, span_id) = link.context().ids()?;
            Some(RecordedLink { trace_id, span_id, tags: tags(link.tags()) })
        })
        .collect();
    recorded.status = match span.status() {
        Some(Status::Ok) => Some(RecordedStatus::Ok),
        Some(Status::Error(description)) => Some(RecordedStatus::Error(description.to_string())),
        _ => None,
    };
    recorded.instrumentation_scope =
        span.instrumentation_scope().map(|scope| (scope.name.to_owned(), scope.version.to_owned()));
    (recorded.start, recorded.end) = (span.start(), span.end());
    recorded.end_reason = span.end_reason();
    recorded.dropped_tags = span.dropped_tags();
    recorded.dropped_events = span.dropped_events();
    recorded.dropped_links = span.dropped_links();
    recorded
}

fn tags<'a>(tags: impl Iterator<Item = (&'a str, Value<'a>)>) -> Vec<(String, RecordedValue)> {
    tags.map(|(key, value)| (key.to_owned(), value.into())).collect()
}
