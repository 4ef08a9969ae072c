//! Spans in the output of the collector's file exporter: OTLP JSON with one request per line.

use serde_json::Value as Json;

use super::{EventView, LinkView, Outcome, SpanView, TagView, Tags};

/// Returns all spans of a file. An incomplete last line, left by a killed collector, is ignored.
///
/// # Errors
///
/// Fails if a line does not conform to OTLP JSON.
pub fn otlp(lines: &str) -> Result<Vec<SpanView>, String> {
    let mut spans = Vec::new();
    for line in lines.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        let request: Json = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
        for resource in list(&request["resourceSpans"]) {
            let attributes = tags(&resource["resource"]["attributes"])?;
            let Some(TagView::Text(service)) = attributes.get("service.name") else {
                return Err(format!("resource without a service name: {resource}"));
            };
            for scope in list(&resource["scopeSpans"]) {
                for one in list(&scope["spans"]) {
                    let scope = (text(&scope["scope"]["name"]), text(&scope["scope"]["version"]));
                    spans.push(span(one, service, scope).map_err(|error| format!("{error} in {one}"))?);
                }
            }
        }
    }
    Ok(spans)
}

fn span(json: &Json, service: &str, scope: (String, String)) -> Result<SpanView, String> {
    let (start, end) = (nanos(&json["startTimeUnixNano"])?, nanos(&json["endTimeUnixNano"])?);
    // Beside the W3C's flags, OTLP has two bits about the parent: one says whether it is known to be remote or local,
    // the other one which of both.
    let flags = json["flags"].as_u64().unwrap_or(0);
    let parent = Some(id(&json["parentSpanId"], 16)).filter(|_| !text(&json["parentSpanId"]).is_empty());
    Ok(SpanView {
        trace_id: id(&json["traceId"], 32)?,
        span_id: id(&json["spanId"], 16)?,
        parent: parent.transpose()?,
        parent_is_remote: (flags & 0x100 != 0).then_some(flags & 0x200 != 0),
        name: text(&json["name"]),
        kind: kind(&json["kind"])?,
        service: service.to_owned(),
        scope,
        tags: tags(&json["attributes"])?,
        events: list(&json["events"]).map(event).collect::<Result<_, _>>()?,
        links: list(&json["links"]).map(link).collect::<Result<_, _>>()?,
        outcome: match json["status"]["code"].as_u64() {
            None | Some(0) => Outcome::Unset,
            Some(1) => Outcome::Ok,
            Some(2) => Outcome::Error(text(&json["status"]["message"])),
            Some(code) => return Err(format!("unknown status code {code}")),
        },
        start,
        duration: end.checked_sub(start).ok_or("the span ends before its start")?,
        trace_state: text(&json["traceState"]),
        dropped: ["droppedAttributesCount", "droppedEventsCount", "droppedLinksCount"]
            .map(|key| json[key].as_u64().unwrap_or(0)),
        debug: false,
    })
}

fn event(json: &Json) -> Result<EventView, String> {
    let tags = tags(&json["attributes"])?;
    Ok(EventView { at: nanos(&json["timeUnixNano"])?, name: text(&json["name"]), tags })
}

fn link(json: &Json) -> Result<LinkView, String> {
    let tags = tags(&json["attributes"])?;
    Ok(LinkView { trace_id: id(&json["traceId"], 32)?, span_id: id(&json["spanId"], 16)?, tags })
}

fn kind(json: &Json) -> Result<&'static str, String> {
    match json.as_u64() {
        Some(1) => Ok("internal"),
        Some(2) => Ok("server"),
        Some(3) => Ok("client"),
        Some(4) => Ok("producer"),
        Some(5) => Ok("consumer"),
        _ => Err(format!("unknown span kind: {json}")),
    }
}

fn tags(json: &Json) -> Result<Tags, String> {
    let mut tags = Tags::new();
    for attribute in list(json) {
        let key = text(&attribute["key"]);
        if tags.insert(key.clone(), value(&attribute["value"])?).is_some() {
            return Err(format!("duplicate key {key:?}"));
        }
    }
    Ok(tags)
}

/// Reads an object whose single key names the type of the value.
fn value(json: &Json) -> Result<TagView, String> {
    let error = || format!("not a value: {json}");
    let object = json.as_object().ok_or_else(error)?;
    let mut members = object.iter();
    let (Some((of, value)), None) = (members.next(), members.next()) else { return Err(error()) };
    let read = match of.as_str() {
        "stringValue" => value.as_str().map(|text| TagView::Text(text.to_owned())),
        "boolValue" => value.as_bool().map(TagView::Bool),
        "intValue" => integer(value).map(TagView::I64),
        "doubleValue" => float(value).map(TagView::F64),
        "bytesValue" => value.as_str().map(|base64| TagView::Bytes(base64.to_owned())),
        "arrayValue" => {
            let items: Result<_, _> = list(&value["values"]).map(self::value).collect();
            Some(TagView::List(items?))
        }
        _ => None,
    };
    read.ok_or_else(error)
}

/// Reads a 64-bit integer, which may be a JSON string, because JSON numbers can be less precise.
fn integer(json: &Json) -> Option<i64> {
    json.as_str().map_or_else(|| json.as_i64(), |text| text.parse().ok())
}

fn float(json: &Json) -> Option<f64> {
    match json.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => json.as_f64(),
    }
}

/// Reads a time. A missing time is 0, because JSON omits fields with default values.
fn nanos(json: &Json) -> Result<u64, String> {
    if json.is_null() {
        return Ok(0);
    }
    let time = json.as_str().and_then(|text| text.parse().ok());
    time.ok_or_else(|| format!("not a time: {json}"))
}

fn id(json: &Json, digits: usize) -> Result<String, String> {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let id = json.as_str().filter(|id| id.len() == digits && id.bytes().all(hex));
    id.map(str::to_owned).ok_or_else(|| format!("not an id: {json}"))
}

/// Reads a string. A missing string is empty.
fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}
