//! Conversion of a server's spans to the type that the rules check.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anytrace_api::{EndReason, Kind, SpanId};
use anytrace_conformance::{RecordedEvent, RecordedLink, RecordedSpan, RecordedStatus, RecordedValue};
use anytrace_otel_bridge::END_REASON;
use anytrace_servers::view::{EventView, LinkView, Outcome, SpanView, TagView, Tags};
use base64::{Engine, engine::general_purpose::STANDARD};

pub(crate) fn recorded(span: &SpanView) -> RecordedSpan {
    let mut recorded = RecordedSpan::new(&*span.name, span.trace_id.parse().unwrap(), id(&span.span_id));
    recorded.parent = span.parent.as_deref().map(id);
    recorded.kind = match span.kind {
        "server" => Kind::Server,
        "client" => Kind::Client,
        "producer" => Kind::Producer,
        "consumer" => Kind::Consumer,
        _ => Kind::Internal,
    };
    recorded.tags = tags(&span.tags);
    // OTLP and Zipkin use the same key.
    if let Some(index) = recorded.tags.iter().position(|(key, _)| key == END_REASON) {
        recorded.end_reason = end_reason(&recorded.tags.remove(index).1);
    }
    recorded.events = span.events.iter().map(event).collect();
    recorded.links = span.links.iter().map(link).collect();
    recorded.status = match &span.outcome {
        Outcome::Unset => None,
        Outcome::Ok => Some(RecordedStatus::Ok),
        Outcome::Error(why) => Some(RecordedStatus::Error(why.clone())),
    };
    recorded.instrumentation_scope = Some(span.scope.clone()).filter(|(name, _)| !name.is_empty());
    recorded.start = time(span.start);
    recorded.end = recorded.start + Duration::from_nanos(span.duration);
    let dropped = span.dropped.map(|count| u32::try_from(count).unwrap());
    [recorded.dropped_tags, recorded.dropped_events, recorded.dropped_links] = dropped;
    recorded
}

fn event(event: &EventView) -> RecordedEvent {
    RecordedEvent { name: event.name.clone(), at: time(event.at), tags: tags(&event.tags) }
}

fn link(link: &LinkView) -> RecordedLink {
    let trace_id = link.trace_id.parse().unwrap();
    RecordedLink { trace_id, span_id: id(&link.span_id), tags: tags(&link.tags) }
}

fn end_reason(value: &RecordedValue) -> EndReason {
    let reasons = [EndReason::Dropped, EndReason::Panicked, EndReason::Cancelled, EndReason::Discarded];
    let reason = reasons.into_iter().find(|reason| *value == RecordedValue::Text(reason.as_str().to_owned()));
    reason.expect("the tag has a known end reason")
}

fn tags(tags: &Tags) -> Vec<(String, RecordedValue)> {
    tags.iter().map(|(key, value)| (key.clone(), value_of(value))).collect()
}

fn value_of(value: &TagView) -> RecordedValue {
    match value {
        TagView::Text(text) => RecordedValue::Text(text.clone()),
        TagView::Bool(value) => RecordedValue::Bool(*value),
        TagView::I64(value) => RecordedValue::Int((*value).into()),
        TagView::F64(value) => RecordedValue::Float(*value),
        TagView::Bytes(base64) => RecordedValue::Bytes(STANDARD.decode(base64).unwrap()),
        TagView::List(list) => list.iter().map(value_of).collect(),
    }
}

fn id(digits: &str) -> SpanId {
    digits.parse().unwrap()
}

fn time(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}
