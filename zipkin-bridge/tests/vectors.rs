//! The vectors for the mapping to Zipkin, with spans of the reference tracer, checked against the schema of the format.

mod schema;

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anytrace_api::{
    Context, Event, InstrumentationScope, Kind, Link, Name, Operation, Sampling, SpanId, SpanRef, Status,
    Tag, TraceId, TracerExt, Value,
};
use anytrace_recorder::{FinishedSpan, Limits, MemoryRecorder, RecordingTracer, Resource, SpanSharing};
use anytrace_zipkin_bridge::{Encoder, keys};
use serde_json::{Map, Value as Json, json};

const VECTORS: &str = include_str!("vectors/span-to-zipkin.json");
const CASES: usize = 97;

/// Cases that no finished span can represent, with the reason.
const CANNOT_BE: [(&str, &str); 4] = [
    ("zero-trace-id", "a trace id is never zero"),
    ("zero-span-id", "a span id is never zero"),
    ("not-finished", "a finished span has ended"),
    ("not-started", "a span has started"),
];

/// Values in cases that no tag can have, with the reason. The other values of the case are checked.
const LEFT_OUT: [(&str, &str, &str); 1] = [("tags-bytes-map-empty", "m", "a tag is no map")];

/// Cases with a description of a status that is not an error, which cannot exist. The other values of the case are checked.
const WITHOUT_DESCRIPTION: [&str; 2] = ["status-ok-with-description", "status-unset-with-description"];

#[test]
fn every_vector_holds() {
    let cases: Vec<Json> = serde_json::from_str(VECTORS).unwrap();
    let (mut held, mut cannot_be, mut left_out, mut without_description) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        if CANNOT_BE.iter().any(|(known, _)| *known == name) {
            cannot_be += 1;
            continue;
        }
        let mut case = case.clone();
        for (_, key, _) in LEFT_OUT.iter().filter(|(known, ..)| *known == name) {
            left_out += 1;
            case["span"]["attributes"].as_array_mut().unwrap().retain(|tag| tag["key"] != *key);
            assert!(case["expect"]["tags"].as_object_mut().unwrap().remove(*key).is_some());
        }
        let status = &case["span"]["status"];
        if status["code"] != "error" && !status["description"].is_null() {
            assert!(WITHOUT_DESCRIPTION.contains(&name), "{name}");
            without_description += 1;
        }
        match check(&case) {
            Ok(()) => held += 1,
            Err(why) => failures.push(format!("{name}: {why}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(
        (held, cannot_be, left_out, without_description),
        (CASES - CANNOT_BE.len(), CANNOT_BE.len(), LEFT_OUT.len(), WITHOUT_DESCRIPTION.len())
    );
    assert_eq!(cases.len(), CASES);
}

fn check(case: &Json) -> Result<(), String> {
    let (resource, local, spans) = spans_of(&case["span"]);
    let Some(span) = spans.first() else {
        return if case["expect"].is_null() { Ok(()) } else { Err("not recorded".to_owned()) };
    };
    let mut encoder = local.into_iter().fold(Encoder::new(), Encoder::local_address);
    let mut body = Vec::new();
    encoder.encode(&resource, span, &mut body);
    let body = String::from_utf8(body).map_err(|error| error.to_string())?;
    for bytes in case["body_must_not_contain"].as_array().into_iter().flatten() {
        if body.contains(bytes.as_str().unwrap()) {
            return Err(format!("contains {bytes}: {body}"));
        }
    }
    schema::list_of_spans(&format!("[{body}]"))?;
    let mut got: Json = serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))?;
    // The tracer generates span ids, except for shared spans.
    if got["id"] != span_id(span) {
        return Err(format!("id {}", got["id"]));
    }
    if !span.is_shared() {
        got["id"] = case["span"]["span_id"].clone();
    }
    let mut expected = case["expect"].clone();
    for json in [&mut got, &mut expected] {
        normalise(json, case);
    }
    if got == expected { Ok(()) } else { Err(format!("\n  got      {got}\n  expected {expected}")) }
}

fn span_id(span: &FinishedSpan) -> Json {
    Json::String(span.span_id().to_string())
}

/// Parses strings that contain JSON.
fn normalise(object: &mut Json, case: &Json) {
    for key in case["compare_as_json"].as_array().into_iter().flatten() {
        if let Some(text) = object["tags"].get_mut(key.as_str().unwrap()) {
            *text = serde_json::from_str(text.as_str().unwrap()).unwrap();
        }
    }
    if case["compare_annotation_json"] == true {
        for annotation in object["annotations"].as_array_mut().unwrap() {
            let value = annotation["value"].as_str().unwrap();
            if value.starts_with('"') {
                annotation["value"] = serde_json::from_str(&format!("{{{value}}}")).unwrap();
            }
        }
    }
    if case["service_name_prefix"] == true {
        let name = &mut object["localEndpoint"]["serviceName"];
        *name = name.as_str().unwrap().split(':').next().unwrap().into();
    }
}

/// Records the span of a vector with the API. Returns `None` if it is not recorded.
fn spans_of(span: &Json) -> (Resource, Option<SocketAddr>, Vec<FinishedSpan>) {
    let (resource, local) = local(span);
    let memory = MemoryRecorder::new();
    let dropped = |name: &str| span[name].as_u64().unwrap_or(0) as u32;
    let mut limits = Limits::default();
    if dropped("dropped_attributes") > 0 {
        limits.tags = 0;
        limits.links = 0;
        assert_eq!((dropped("dropped_events"), &span["attributes"]), (0, &json!([])));
    }
    let tracer = RecordingTracer::builder(memory.clone())
        .resource(resource.clone())
        .limits(limits)
        .span_sharing(SpanSharing::SharedSpan)
        .without_thread()
        .build();

    let sampling = match (&span["debug"], &span["sampled"]) {
        (Json::Bool(true), _) => Sampling::Debug,
        (_, Json::Bool(true)) => Sampling::Record,
        _ => Sampling::Drop,
    };
    let trace_id: TraceId = span["trace_id"].as_str().unwrap().parse().unwrap();
    let own: SpanId = span["span_id"].as_str().unwrap().parse().unwrap();
    let parent = span["parent_span_id"].as_str().and_then(|id| id.parse::<SpanId>().ok());
    let is_shared = span["shared"] == true;
    let context = match parent {
        // The client span has the id that both spans share.
        _ if is_shared => {
            Context::remote(trace_id, own, sampling).with_parent_span_id(parent).with_shareable(true)
        }
        Some(parent) => Context::remote(trace_id, parent, sampling),
        None => Context::of_trace(trace_id, sampling),
    };
    let origin = span["scope"]["name"].as_str().map(|name| {
        let text = |text: &str| -> &'static str { Box::leak(Box::from(text)) };
        &*Box::leak(Box::new(InstrumentationScope::new(
            text(name),
            text(span["scope"]["version"].as_str().unwrap_or("")),
        )))
    });
    let kind = match span["kind"].as_str().unwrap() {
        "client" => Kind::Client,
        "server" => Kind::Server,
        "producer" => Kind::Producer,
        "consumer" => Kind::Consumer,
        _ => Kind::Internal,
    };
    let mut operation = Operation::new(name(&span["name"]), kind).start_at(at(&span["start_ns"]));
    operation.instrumentation_scope = origin;
    let started = tracer.join_trace(operation, &context);
    for tag in span["attributes"].as_array().unwrap() {
        with_value(tag, |value| _ = started.set_tag(name(&tag["key"]), value));
    }
    for n in 0..dropped("dropped_attributes") {
        started.set_tag(&n.to_string(), true);
    }
    for _ in 0..dropped("dropped_links") {
        started.link(Link::to(&context));
    }
    for link in span["links"].as_array().unwrap() {
        let id = |key: &str| link[key].as_str().unwrap();
        let to = Context::new(id("trace_id").parse().unwrap(), id("span_id").parse().unwrap(), sampling);
        started.link(Link::to(&to));
    }
    for event in span["events"].as_array().unwrap() {
        tell(&started, event);
    }
    match span["status"]["code"].as_str().unwrap() {
        "ok" => _ = started.set_status(Status::Ok),
        "error" => _ = started.set_status(Status::Error(span["status"]["description"].as_str().into())),
        _ => {}
    }
    remote(span, &started);
    started.finish_at(at(&span["end_ns"]));
    assert!(tracer.flush_blocking(Duration::from_secs(60)).result.is_ok());
    (resource, local, memory.take())
}

fn local(span: &Json) -> (Resource, Option<SocketAddr>) {
    let here = &span["local_endpoint"];
    let mut resource = Resource::default();
    let mut others = Vec::new();
    if let Some(name) = here["service_name"].as_str() {
        resource = Resource::new(name);
    }
    for tag in span["resource"].as_array().into_iter().flatten() {
        match (tag["key"].as_str().unwrap(), tag["value"].as_str().unwrap()) {
            ("service.name", name) => resource = Resource::new(name),
            other => others.push(other),
        }
    }
    for (key, value) in others {
        resource = resource.with(key, value);
    }
    let address = here["ipv4"].as_str().or(here["ipv6"].as_str());
    let port = here["port"].as_u64().unwrap_or(0) as u16;
    (resource, address.map(|address| SocketAddr::new(address.parse().unwrap(), port)))
}

fn remote(span: &Json, started: &SpanRef) {
    let there = &span["remote_endpoint"];
    started.set_tag(keys::REMOTE_SERVICE, there["service_name"].as_str());
    started.set_tag(keys::REMOTE_ADDRESS, there["ipv4"].as_str().or(there["ipv6"].as_str()));
    started.set_tag(keys::REMOTE_PORT, there["port"].as_u64());
}

fn tell(started: &SpanRef, event: &Json) {
    let tags = event["attributes"].as_array().unwrap();
    // No vector has more tags. Values borrow, so the calls are nested.
    let told = Event::new(name(&event["name"])).at(at(&event["time_ns"]));
    let key = |index: usize| name(&tags[index]["key"]);
    match tags.len() {
        0 => _ = started.event_with(told),
        1 => with_value(&tags[0], |one| _ = started.event_with(told.tags(&[Tag::new(key(0), one)]))),
        2 => with_value(&tags[0], |one| {
            with_value(&tags[1], |two| {
                _ = started.event_with(told.tags(&[Tag::new(key(0), one), Tag::new(key(1), two)]));
            });
        }),
        more => panic!("{more} tags of an event"),
    }
}

fn name(text: &Json) -> Name<'_> {
    Name::copied(text.as_str().unwrap())
}

fn at(nanos: &Json) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos.as_str().unwrap().parse().unwrap())
}

fn with_value<R>(tag: &Json, then: impl FnOnce(Value<'_>) -> R) -> R {
    let value = &tag["value"];
    let list = || value.as_array().unwrap().iter();
    match tag["type"].as_str().unwrap() {
        "string" => then(value.as_str().unwrap().into()),
        "bool" => then(value.as_bool().unwrap().into()),
        "int" => then(value.as_str().unwrap().parse::<i64>().unwrap().into()),
        "double" => then(float(value).into()),
        "string[]" => {
            then((&list().map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()).into())
        }
        "int[]" => then(
            (&list().map(|int| int.as_str().unwrap().parse::<i64>().unwrap()).collect::<Vec<_>>()).into(),
        ),
        "double[]" => then((&list().map(float).collect::<Vec<_>>()).into()),
        "bool[]" => then((&list().map(|bool| bool.as_bool().unwrap()).collect::<Vec<_>>()).into()),
        "bytes" => then((&base64(value.as_str().unwrap())).into()),
        // OpenTelemetry's empty value is an empty string here, because an absent tag is not set.
        "empty" => then("".into()),
        other => panic!("{other}"),
    }
}

fn float(value: &Json) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

/// Encodes base64 by its definition, six bits per character.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut known, mut bytes) = (0_usize, 0, Vec::new());
    for char in text.trim_end_matches('=').chars() {
        (bits, known) = ((bits << 6) | DIGITS.find(char).unwrap(), known + 6);
        if known >= 8 {
            known -= 8;
            bytes.push((bits >> known) as u8);
        }
    }
    bytes
}

#[test]
fn the_schema_check_finds_violations() {
    let good = json!({"traceId": "84d15c0fe2b7964a", "id": "84c1f06e3b9d527a"});
    let with = |key: &str, value: Json| {
        let mut span: Map<String, Json> = good.as_object().unwrap().clone();
        span.insert(key.to_owned(), value);
        schema::list_of_spans(&Json::from(vec![Json::from(span)]).to_string())
    };
    assert_eq!(with("name", "a".into()), Ok(()));
    for (key, value) in [
        ("traceId", json!("84D15c0fe2b7964a")),
        ("traceId", json!("84d15c0fe2b7964")),
        ("traceId", json!("0000000000000000")),
        ("id", json!("")),
        ("parentId", json!("0000000000000000")),
        ("kind", json!("INTERNAL")),
        ("name", json!("")),
        ("name", json!("GET")),
        ("timestamp", json!(1.5)),
        ("timestamp", json!(0)),
        ("duration", json!(0)),
        ("tags", json!({"a": 1})),
        ("tags", json!({})),
        ("annotations", json!([])),
        ("annotations", json!([{"timestamp": 1, "value": "a"}, {"timestamp": 1, "value": "a"}])),
        ("annotations", json!([{"value": "a"}])),
        ("localEndpoint", json!({"port": 0})),
        ("localEndpoint", json!({"ipv4": "::1"})),
        ("localEndpoint", json!({"serviceName": "A"})),
        ("remoteEndpoint", json!({})),
        ("debug", json!("true")),
        ("shared", json!(false)),
        ("unknown", json!(1)),
    ] {
        assert!(with(key, value.clone()).is_err(), "{key} {value}");
    }
    assert!(schema::list_of_spans(r#"[{"traceId":"84d15c0fe2b7964a"}]"#).is_err());
    assert!(schema::list_of_spans(r#"[{"id":"84c1f06e3b9d527a","id":"84c1f06e3b9d527a"}]"#).is_err());
}
