//! Finished spans as Zipkin's.

use std::{
    net::SocketAddr,
    ops::Range,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anytrace_api::{EndReason, Kind, Sampling, Status, TraceContext, TraceId, Value};
use anytrace_recorder::{FinishedEvent, FinishedSpan, Resource};

use crate::{
    endpoint::Endpoint,
    json::{self, Object},
    keys,
};

/// Writes finished spans as objects of Zipkin v2 JSON, for [`ZipkinRecorder`](crate::ZipkinRecorder) and for whoever
/// carries them otherwise, in a queue or a file. It keeps its buffers.
///
/// The rules are those of Zipkin's [format] and of OpenTelemetry's [mapping] to it; where they differ the format wins.
///
/// * The names of spans and services are in lower case. Durations are in whole microseconds, and at least one.
/// * Every value of a tag is text: lists are JSON, bytes are base64.
/// * An event is an annotation: its name, or `"name": {…}` where it has tags. Equal ones are sent once.
/// * The status is the tag `otel.status_code`, and for failures `error` with the description. Without a status a tag
///   `error` stays as it is; where it says `false` it goes, since to Zipkin any `error` is a failure.
/// * The other end of a client's or producer's span is guessed from its tags, `peer.service` first; [`keys`] has
///   what says it outright.
/// * The origin, what was left out, and the resource's `service.namespace` are tags. Links, trace state and the rest
///   of the resource have no place in Zipkin and are not sent.
/// * Nothing empty is sent.
///
/// ```
/// use anytrace_api::{Operation, TracerExt};
/// use anytrace_recorder::{MockTracer, Resource};
/// use anytrace_zipkin_bridge::Encoder;
///
/// let mock = MockTracer::new();
/// mock.start_trace(Operation::client("SELECT orders")).tag("server.address", "db").finish();
///
/// let mut json = Vec::new();
/// Encoder::new().encode(&Resource::new("Shop"), &mock.finished()[0], &mut json);
/// let json = String::from_utf8(json).unwrap();
/// assert!(json.contains(r#""name":"select orders","kind":"CLIENT""#), "{json}");
/// assert!(json.contains(r#""localEndpoint":{"serviceName":"shop"},"remoteEndpoint":{"serviceName":"db"}"#));
/// ```
///
/// [format]: https://zipkin.io/zipkin-api/
/// [mapping]: https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    local: Option<SocketAddr>,
    here: Here,
    json: Vec<u8>,
    /// Where the annotations of a span are.
    annotations: Vec<Range<usize>>,
}

/// This end of every call, as it was written last.
#[derive(Clone, Debug, Default)]
struct Here {
    service: String,
    json: Vec<u8>,
}

impl Encoder {
    /// One that says of this process only what service it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says where this service listens, as well.
    pub fn local_address(self, address: SocketAddr) -> Self {
        Encoder { local: Some(address), here: Here::default(), ..self }
    }

    /// Appends `span` of the service `resource` to `out`, as one object.
    pub fn encode(&mut self, resource: &Resource, span: &FinishedSpan, out: &mut Vec<u8>) {
        let mut object = Object::new(out, "");
        trace_id(&mut object, span.trace_id());
        object.id("id", &span.span_id().to_hex());
        if let Some(parent) = span.parent_span_id() {
            object.id("parentId", &parent.to_hex());
        }
        if !span.name().is_empty() {
            json::lower_case(object.own_key("name"), span.name());
        }
        match span.kind() {
            Kind::Server => object.text("kind", "SERVER"),
            Kind::Client => object.text("kind", "CLIENT"),
            Kind::Producer => object.text("kind", "PRODUCER"),
            Kind::Consumer => object.text("kind", "CONSUMER"),
            // Zipkin has no word for it, and `Kind` may grow.
            _ => {}
        }
        // To Zipkin zero is unknown.
        if let start @ 1.. = micros(span.start()) {
            object.number("timestamp", start);
        }
        object.number("duration", whole_micros(span.duration()).max(1));
        object.out.extend_from_slice(self.here(resource));
        object.object(",\"remoteEndpoint\":", |object| Endpoint::remote(span).write(object));
        self.annotations(&mut object, span);
        object.object(",\"tags\":", |object| tags(object, resource, span, &mut self.json));
        if span.context().sampling() == Sampling::Debug {
            object.own_key("debug").extend_from_slice(b"true");
        }
        if span.is_shared() {
            object.own_key("shared").extend_from_slice(b"true");
        }
        object.close();
    }

    /// The member `localEndpoint`, which is the same for all spans of a service.
    fn here(&mut self, resource: &Resource) -> &[u8] {
        if self.here.json.is_empty() || self.here.service != resource.service_name() {
            let service = match resource.service_name() {
                "" => "unknown_service",
                name => name,
            };
            let (address, port) = self.local.map_or((None, 0), |local| (Some(local.ip()), local.port()));
            let address = address.filter(|address| !address.is_unspecified());
            self.here = Here { service: resource.service_name().to_owned(), json: Vec::new() };
            let mut object = Object::new(&mut self.here.json, ",\"localEndpoint\":");
            Endpoint { service, address, port }.write(&mut object);
            object.close();
        }
        &self.here.json
    }

    /// In the order in which they were told: Zipkin sorts. Those that are equal once their times are in microseconds
    /// are one, since the list holds unique items.
    fn annotations(&mut self, object: &mut Object<'_>, span: &FinishedSpan) {
        let mut written = std::mem::take(&mut self.annotations);
        for event in span.events() {
            let out = &mut *object.out;
            let before = out.len();
            out.extend_from_slice(if written.is_empty() { b",\"annotations\":[" } else { b"," });
            let start = out.len();
            let mut annotation = Object::new(out, "");
            annotation.number("timestamp", micros(event.at()));
            annotation.text("value", self.told(event));
            annotation.close();
            let this = start..out.len();
            if written.iter().any(|known| out[known.clone()] == out[this.clone()]) {
                out.truncate(before);
            } else {
                written.push(this);
            }
        }
        if !written.is_empty() {
            object.out.push(b']');
        }
        written.clear();
        self.annotations = written;
    }

    fn told<'a>(&'a mut self, event: FinishedEvent<'a>) -> &'a str {
        let mut tags = event.tags().peekable();
        if tags.peek().is_none() {
            return event.name();
        }
        self.json.clear();
        json::string(&mut self.json, event.name());
        self.json.extend_from_slice(b": ");
        let mut object = Object::new(&mut self.json, "");
        for (key, value) in tags {
            json::value(object.key(key), value);
        }
        object.close();
        std::str::from_utf8(&self.json).unwrap_or_default()
    }
}

fn tags(object: &mut Object<'_>, resource: &Resource, span: &FinishedSpan, scratch: &mut Vec<u8>) {
    for (key, value) in span.tags() {
        if !keys::is_field(key) && !is_replaced(span, key, value) {
            json::as_string(object.key(key), value, scratch);
        }
    }
    match span.status() {
        Some(Status::Ok) => object.text("otel.status_code", "OK"),
        Some(Status::Error(description)) => {
            object.text("otel.status_code", "ERROR");
            json::as_string(object.own_key("error"), description, scratch);
        }
        _ => {}
    }
    if span.end_reason() != EndReason::Finished {
        object.text(keys::END_REASON, span.end_reason().as_str());
    }
    if let Some(origin) = span.instrumentation_scope() {
        // The older names are sent along, as the mapping wants it.
        for (key, text) in [
            ("otel.scope.name", origin.name),
            ("otel.library.name", origin.name),
            ("otel.scope.version", origin.version),
            ("otel.library.version", origin.version),
        ] {
            if !text.is_empty() {
                object.text(key, text);
            }
        }
    }
    for (key, count) in [
        ("otel.dropped_attributes_count", span.dropped_tags()),
        ("otel.dropped_events_count", span.dropped_events()),
        ("otel.dropped_links_count", span.dropped_links()),
    ] {
        if count > 0 {
            json::as_string(object.own_key(key), u64::from(count).into(), scratch);
        }
    }
    let namespace = resource.tags().find(|(key, _)| key.as_str() == NAMESPACE);
    if let Some((_, namespace)) = namespace.filter(|_| span.tag(NAMESPACE).is_none()) {
        json::as_string(object.own_key(NAMESPACE), namespace, scratch);
    }
}

const NAMESPACE: &str = "service.namespace";

/// A key occurs once: where the span itself has something to say, a tag of that name gives way.
fn is_replaced(span: &FinishedSpan, key: &str, value: Value<'_>) -> bool {
    match key {
        "error" => {
            let is_false = value == Value::Bool(false)
                || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"));
            is_false || span.status().is_some()
        }
        "otel.status_code" => span.status().is_some(),
        keys::END_REASON => span.end_reason() != EndReason::Finished,
        "otel.scope.name" | "otel.library.name" | "otel.scope.version" | "otel.library.version" => {
            span.instrumentation_scope().is_some()
        }
        "otel.dropped_attributes_count" => span.dropped_tags() > 0,
        "otel.dropped_events_count" => span.dropped_events() > 0,
        "otel.dropped_links_count" => span.dropped_links() > 0,
        _ => false,
    }
}

/// 16 digits for one of 64 bits, and all 32 for one of 128: to Zipkin that is how they differ.
fn trace_id(object: &mut Object<'_>, id: TraceId) {
    let hex = id.to_hex();
    object.id("traceId", if id.high() == 0 { &hex[16..] } else { &hex });
}

/// Since the epoch; before it, zero.
fn micros(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, whole_micros)
}

/// Cut and not rounded.
fn whole_micros(time: Duration) -> u64 {
    let seconds = time.as_secs().checked_mul(1_000_000);
    seconds.and_then(|micros| micros.checked_add(time.subsec_micros().into())).unwrap_or(u64::MAX)
}
