//! Encodes finished spans as Zipkin v2 JSON.

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

/// Encodes finished spans as Zipkin v2 JSON, for [`ZipkinRecorder`](crate::ZipkinRecorder) and for other transports,
/// such as a message queue or a file. An encoder reuses its buffers.
///
/// The encoder follows Zipkin's [format] and OpenTelemetry's [mapping] to it; the format has priority.
///
/// * Names of spans and services are in lower case. Durations are in whole microseconds, with a minimum of one.
/// * Values of tags are strings: lists are JSON, and bytes are base64.
/// * An event becomes an annotation with its name, or `"name": {…}` if it has tags. Equal annotations are sent once.
/// * The status becomes the tag `otel.status_code`, and for errors the tag `error` with the description. If a span has no
///   status, its own tag `error` is kept, except for the value `false`, because Zipkin treats any tag `error` as a failure.
/// * The remote endpoint of a client or producer span is derived from its tags, of which `peer.service` has priority. The tags
///   in [`keys`] set it directly.
/// * The instrumentation scope, the numbers of dropped items and the resource's `service.namespace` become tags. Zipkin has no
///   fields for links, trace state and other attributes of the resource, so they are not sent.
/// * Empty fields are omitted.
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
    local_endpoint: LocalEndpoint,
    json: Vec<u8>,
    /// The positions of the annotations that were written for the current span.
    annotations: Vec<Range<usize>>,
}

/// The cached JSON of the local endpoint.
#[derive(Clone, Debug, Default)]
struct LocalEndpoint {
    service: String,
    json: Vec<u8>,
}

impl Encoder {
    /// Creates an encoder whose local endpoint has only the name of the service.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the address on which the service listens.
    pub fn local_address(self, address: SocketAddr) -> Self {
        Encoder { local: Some(address), local_endpoint: LocalEndpoint::default(), ..self }
    }

    /// Appends `span`, made by the service `resource`, to `out` as a JSON object.
    pub fn encode(&mut self, resource: &Resource, span: &FinishedSpan, out: &mut Vec<u8>) {
        let mut object = Object::new(out, "");
        trace_id(&mut object, span.trace_id());
        object.id("id", &span.span_id().to_hex());
        if let Some(parent) = span.parent_span_id() {
            object.id("parentId", &parent.to_hex());
        }
        if !span.name().is_empty() {
            json::lower_case(object.plain_key("name"), span.name());
        }
        match span.kind() {
            Kind::Server => object.text("kind", "SERVER"),
            Kind::Client => object.text("kind", "CLIENT"),
            Kind::Producer => object.text("kind", "PRODUCER"),
            Kind::Consumer => object.text("kind", "CONSUMER"),
            // Zipkin has no value for internal spans, nor for new variants of `Kind`.
            _ => {}
        }
        // Zipkin treats a timestamp of zero as unknown.
        if let start @ 1.. = micros(span.start()) {
            object.number("timestamp", start);
        }
        object.number("duration", whole_micros(span.duration()).max(1));
        object.out.extend_from_slice(self.local_endpoint(resource));
        object.object(",\"remoteEndpoint\":", |object| Endpoint::remote(span).write(object));
        self.annotations(&mut object, span);
        object.object(",\"tags\":", |object| tags(object, resource, span, &mut self.json));
        if span.context().sampling() == Sampling::Debug {
            object.plain_key("debug").extend_from_slice(b"true");
        }
        if span.is_shared() {
            object.plain_key("shared").extend_from_slice(b"true");
        }
        object.close();
    }

    /// Returns the member `localEndpoint`, which is equal for all spans of a service.
    fn local_endpoint(&mut self, resource: &Resource) -> &[u8] {
        if self.local_endpoint.json.is_empty() || self.local_endpoint.service != resource.service_name() {
            let service = match resource.service_name() {
                "" => "unknown_service",
                name => name,
            };
            let (address, port) = self.local.map_or((None, 0), |local| (Some(local.ip()), local.port()));
            let address = address.filter(|address| !address.is_unspecified());
            self.local_endpoint =
                LocalEndpoint { service: resource.service_name().to_owned(), json: Vec::new() };
            let mut object = Object::new(&mut self.local_endpoint.json, ",\"localEndpoint\":");
            Endpoint { service, address, port }.write(&mut object);
            object.close();
        }
        &self.local_endpoint.json
    }

    /// Appends the annotations in the order of the events. Zipkin sorts them. Annotations that are equal after rounding to
    /// microseconds are written once, because the format requires unique items.
    fn annotations(&mut self, object: &mut Object<'_>, span: &FinishedSpan) {
        let mut written = std::mem::take(&mut self.annotations);
        for event in span.events() {
            let out = &mut *object.out;
            let before = out.len();
            out.extend_from_slice(if written.is_empty() { b",\"annotations\":[" } else { b"," });
            let start = out.len();
            let mut annotation = Object::new(out, "");
            annotation.number("timestamp", micros(event.at()));
            annotation.text("value", self.annotation_value(event));
            annotation.close();
            let annotation = start..out.len();
            if written.iter().any(|known| out[known.clone()] == out[annotation.clone()]) {
                out.truncate(before);
            } else {
                written.push(annotation);
            }
        }
        if !written.is_empty() {
            object.out.push(b']');
        }
        written.clear();
        self.annotations = written;
    }

    fn annotation_value<'a>(&'a mut self, event: FinishedEvent<'a>) -> &'a str {
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
            json::as_string(object.plain_key("error"), description, scratch);
        }
        _ => {}
    }
    if span.end_reason() != EndReason::Finished {
        object.text(keys::END_REASON, span.end_reason().as_str());
    }
    if let Some(scope) = span.instrumentation_scope() {
        // The mapping requires the deprecated names as well.
        for (key, text) in [
            ("otel.scope.name", scope.name),
            ("otel.library.name", scope.name),
            ("otel.scope.version", scope.version),
            ("otel.library.version", scope.version),
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
            json::as_string(object.plain_key(key), u64::from(count).into(), scratch);
        }
    }
    let namespace = resource.tags().find(|(key, _)| key.as_str() == NAMESPACE);
    if let Some((_, namespace)) = namespace.filter(|_| span.tag(NAMESPACE).is_none()) {
        json::as_string(object.plain_key(NAMESPACE), namespace, scratch);
    }
}

const NAMESPACE: &str = "service.namespace";

/// Returns whether a tag is omitted because a property of the span uses its key.
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

/// Writes a trace id with 16 digits if it has 64 bits, or else with 32: the number of digits distinguishes them in Zipkin.
fn trace_id(object: &mut Object<'_>, id: TraceId) {
    let hex = id.to_hex();
    object.id("traceId", if id.high() == 0 { &hex[16..] } else { &hex });
}

/// Returns the microseconds since the Unix epoch; 0 for an earlier time.
fn micros(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, whole_micros)
}

/// Returns the whole microseconds, rounded down.
fn whole_micros(time: Duration) -> u64 {
    let seconds = time.as_secs().checked_mul(1_000_000);
    seconds.and_then(|micros| micros.checked_add(time.subsec_micros().into())).unwrap_or(u64::MAX)
}
