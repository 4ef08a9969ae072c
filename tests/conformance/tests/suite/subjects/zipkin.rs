//! Spans received by a Zipkin server.

use std::time::{Duration, SystemTime};

use anytrace_api::{Kind, SpanId, TraceId};
use anytrace_conformance::{RecordedEvent, RecordedSpan, RecordedStatus, RecordedValue};
use anytrace_test_receiver::Receiver;
use anytrace_zipkin_bridge::keys::END_REASON;
use serde_json::Value as Json;

use super::sdk;

pub(crate) fn recorded(receiver: &Receiver) -> Vec<RecordedSpan> {
    let bodies = receiver.accepted().into_iter().map(|request| {
        serde_json::from_str::<Vec<Json>>(request.text()).expect("every body is a JSON array")
    });
    bodies.flatten().map(|json| span(&json)).collect()
}

fn span(span: &Json) -> RecordedSpan {
    let trace_id: TraceId = format!("{:0>32}", text(&span["traceId"])).parse().expect("a trace id");
    let mut recorded =
        RecordedSpan::new(text(&span["name"]), trace_id, span_id(&span["id"]).expect("a span id"));
    recorded.parent = span_id(&span["parentId"]);
    recorded.kind = match text(&span["kind"]) {
        "CLIENT" => Kind::Client,
        "SERVER" => Kind::Server,
        "PRODUCER" => Kind::Producer,
        "CONSUMER" => Kind::Consumer,
        _ => Kind::Internal,
    };
    recorded.start = time(&span["timestamp"]);
    recorded.end = recorded.start + Duration::from_micros(span["duration"].as_u64().expect("a duration"));
    let mut scope = (String::new(), String::new());
    let mut error = None;
    for (key, value) in span["tags"].as_object().into_iter().flatten() {
        let value = text(value).to_owned();
        match key.as_str() {
            END_REASON => recorded.end_reason = sdk::end_reason(&RecordedValue::Text(value)),
            "error" => error = Some(value),
            "otel.status_code" if value == "OK" => recorded.status = Some(RecordedStatus::Ok),
            "otel.scope.name" => scope.0 = value,
            "otel.scope.version" => scope.1 = value,
            "otel.dropped_attributes_count" => recorded.dropped_tags = count(&value),
            "otel.dropped_events_count" => recorded.dropped_events = count(&value),
            "otel.dropped_links_count" => recorded.dropped_links = count(&value),
            "otel.status_code" | "otel.library.name" | "otel.library.version" => {}
            _ => recorded.tags.push((key.clone(), RecordedValue::Text(value))),
        }
    }
    if let Some(description) = error {
        recorded.status = Some(RecordedStatus::Error(description));
    }
    recorded.instrumentation_scope = Some(scope).filter(|scope| !scope.0.is_empty());
    recorded.events = span["annotations"].as_array().into_iter().flatten().map(event).collect();
    recorded
}

/// Parses `name`, or `"name": {…}` for an event with tags.
fn event(annotation: &Json) -> RecordedEvent {
    let (at, value) = (time(&annotation["timestamp"]), text(&annotation["value"]));
    let with_tags: Option<Json> = serde_json::from_str(&format!("{{{value}}}")).ok();
    let with_tags = with_tags.as_ref().and_then(Json::as_object).and_then(|object| object.iter().next());
    let Some((name, tags)) = with_tags else {
        return RecordedEvent { name: value.to_owned(), at, tags: Vec::new() };
    };
    let tags = tags.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value_of(value)));
    RecordedEvent { name: name.clone(), at, tags: tags.collect() }
}

fn value_of(value: &Json) -> RecordedValue {
    match value {
        Json::Bool(value) => RecordedValue::Bool(*value),
        Json::String(value) => RecordedValue::Text(value.clone()),
        Json::Array(list) => list.iter().map(value_of).collect(),
        Json::Number(number) => match number.as_i64() {
            Some(int) => RecordedValue::Int(int.into()),
            None => RecordedValue::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        other => RecordedValue::Text(other.to_string()),
    }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

fn span_id(value: &Json) -> Option<SpanId> {
    value.as_str().map(|id| id.parse().expect("a span id"))
}

fn time(micros: &Json) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros.as_u64().unwrap_or_default())
}

fn count(text: &str) -> u32 {
    text.parse().expect("a number")
}
