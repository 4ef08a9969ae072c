//! Spans in the responses of the Zipkin server, and the parts of a span that Zipkin can represent.

use serde_json::Value as Json;

use super::{EventView, Outcome, SpanView, TagView, Tags};

/// Returns all spans of a response that is a list of spans.
///
/// # Errors
///
/// Fails if the response does not conform to Zipkin's JSON.
pub fn zipkin(body: &str) -> Result<Vec<SpanView>, String> {
    spans(&read(body)?)
}

/// Returns all spans of a response that is a list of traces, each a list of spans.
///
/// # Errors
///
/// Fails if the response does not conform to Zipkin's JSON.
pub fn zipkin_many(body: &str) -> Result<Vec<SpanView>, String> {
    let traces = read(body)?;
    let traces = traces.as_array().ok_or_else(|| format!("not a list of traces: {traces}"))?;
    let spans: Result<Vec<_>, _> = traces.iter().map(spans).collect();
    Ok(spans?.concat())
}

fn read(body: &str) -> Result<Json, String> {
    serde_json::from_str(body).map_err(|error| format!("{error} in {body}"))
}

fn spans(json: &Json) -> Result<Vec<SpanView>, String> {
    let list = json.as_array().ok_or_else(|| format!("not a list of spans: {json}"))?;
    list.iter().map(|item| span(item).ok_or_else(|| format!("no span is {item}"))).collect()
}

/// Reduces a span to the parts that Zipkin can represent: tag values are text, names are in lower case, times are in
/// microseconds, and events are texts ordered by time. There are no links, and it is unknown whether a parent is
/// remote.
pub fn as_in_zipkin(span: &SpanView) -> SpanView {
    let text = |(key, value): (&String, &TagView)| (key.clone(), TagView::Text(as_text(value)));
    let mut events: Vec<EventView> = span.events.iter().map(event_as_json).collect();
    events.dedup();
    sort(&mut events);
    SpanView {
        name: span.name.to_lowercase(),
        service: span.service.to_lowercase(),
        tags: span.tags.iter().map(text).collect(),
        events,
        links: Vec::new(),
        parent_is_remote: None,
        trace_state: String::new(),
        start: span.start / 1000 * 1000,
        duration: (span.duration / 1000 * 1000).max(1000),
        ..span.clone()
    }
}

fn span(json: &Json) -> Option<SpanView> {
    let mut tags = Tags::new();
    for (key, value) in json["tags"].as_object().into_iter().flatten() {
        tags.insert(key.clone(), TagView::Text(value.as_str()?.to_owned()));
    }
    let outcome = match take(&mut tags, "otel.status_code").as_deref() {
        Some("OK") => Outcome::Ok,
        Some("ERROR") => Outcome::Error(take(&mut tags, "error")?),
        Some(_) => return None,
        None => Outcome::Unset,
    };
    let scope = ["name", "version"].map(|part| {
        let old = take(&mut tags, &format!("otel.library.{part}"));
        take(&mut tags, &format!("otel.scope.{part}")).filter(|new| old.as_ref() == Some(new))
    });
    let [scope, version] = scope.map(Option::unwrap_or_default);
    let events = json["annotations"].as_array().into_iter().flatten().map(event);
    let mut events: Vec<EventView> = events.collect::<Option<_>>()?;
    sort(&mut events);
    let dropped = ["attributes", "events", "links"].map(|part| {
        let count = take(&mut tags, &format!("otel.dropped_{part}_count"));
        count.and_then(|count| count.parse().ok()).unwrap_or(0)
    });
    Some(SpanView {
        trace_id: format!("{:0>32}", json["traceId"].as_str()?),
        span_id: json["id"].as_str()?.to_owned(),
        parent: json["parentId"].as_str().map(str::to_owned),
        parent_is_remote: None,
        name: json["name"].as_str().unwrap_or_default().to_owned(),
        kind: match json["kind"].as_str() {
            None => "internal",
            Some("SERVER") => "server",
            Some("CLIENT") => "client",
            Some("PRODUCER") => "producer",
            Some("CONSUMER") => "consumer",
            Some(_) => return None,
        },
        service: json["localEndpoint"]["serviceName"].as_str()?.to_owned(),
        scope: (scope, version),
        tags,
        events,
        links: Vec::new(),
        outcome,
        start: start(&json["timestamp"])?,
        duration: json["duration"].as_u64()? * 1000,
        trace_state: String::new(),
        dropped,
        debug: json["debug"].as_bool().unwrap_or(false),
    })
}

/// Reads a start time. A missing one is 0, because Zipkin omits unknown times.
fn start(json: &Json) -> Option<u64> {
    if json.is_null() { Some(0) } else { Some(json.as_u64()? * 1000) }
}

/// Reads an event: a name, or `"name": {…}` with tags.
fn event(json: &Json) -> Option<EventView> {
    let at = json["timestamp"].as_u64()? * 1000;
    let text = json["value"].as_str()?;
    let with_tags = text.starts_with('"').then(|| serde_json::from_str::<Json>(&format!("{{{text}}}")).ok());
    let Some(Json::Object(with_tags)) = with_tags.flatten() else {
        return Some(EventView { at, name: text.to_owned(), tags: Tags::new() });
    };
    let (name, tags) = with_tags.into_iter().next()?;
    let tags = tags.as_object()?.iter().map(|(key, value)| Some((key.clone(), tag(value)?)));
    Some(EventView { at, name, tags: tags.collect::<Option<_>>()? })
}

/// Converts a JSON value to the tag value of the same type.
fn tag(json: &Json) -> Option<TagView> {
    Some(match json {
        Json::Bool(value) => TagView::Bool(*value),
        Json::String(text) => TagView::Text(text.clone()),
        Json::Array(items) => TagView::List(items.iter().map(tag).collect::<Option<_>>()?),
        Json::Number(number) => match number.as_i64() {
            Some(number) => TagView::I64(number),
            None => TagView::F64(number.as_f64()?),
        },
        _ => return None,
    })
}

fn event_as_json(event: &EventView) -> EventView {
    let tags = event.tags.iter().map(|(key, value)| (key.clone(), as_json(value))).collect();
    EventView { at: event.at / 1000 * 1000, name: event.name.clone(), tags }
}

/// Converts values that JSON cannot represent to text.
fn as_json(value: &TagView) -> TagView {
    match value {
        TagView::Bytes(base64) => TagView::Text(base64.clone()),
        TagView::F64(number) if !number.is_finite() => TagView::Text(as_text(value)),
        TagView::List(items) => TagView::List(items.iter().map(as_json).collect()),
        other => other.clone(),
    }
}

fn as_text(value: &TagView) -> String {
    match value {
        TagView::Text(text) | TagView::Bytes(text) => text.clone(),
        TagView::Bool(value) => value.to_string(),
        TagView::I64(number) => number.to_string(),
        TagView::F64(number) if number.is_infinite() => {
            if *number > 0.0 {
                "Infinity".to_owned()
            } else {
                "-Infinity".to_owned()
            }
        }
        TagView::F64(number) => format!("{number:?}"),
        TagView::List(items) => {
            let quoted = |item: &TagView| match as_json(item) {
                TagView::Text(text) => Json::from(text).to_string(),
                item => as_text(&item),
            };
            format!("[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(","))
        }
    }
}

fn take(tags: &mut Tags, key: &str) -> Option<String> {
    match tags.remove(key) {
        Some(TagView::Text(text)) => Some(text),
        _ => None,
    }
}

fn sort(events: &mut [EventView]) {
    events.sort_by_cached_key(|event| (event.at, event.name.clone(), format!("{:?}", event.tags)));
}
