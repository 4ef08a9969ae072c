//! The Zipkin exporter of OpenTelemetry's SDK, and its documented defects.
#![cfg(feature = "opentelemetry-zipkin")]

use std::time::{Duration, SystemTime};

use anytrace_api::{
    Context, Event, InstrumentationScope, Operation, Sampling, TraceId, TracerExt, flush::FlushError, tags,
};
use anytrace_recorder::{Clock, RecordingTracer, Stats};
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use anytrace_zipkin_bridge::sdk_exporter;
use serde_json::{Value as Json, json};

const LONG: Duration = Duration::from_secs(60);

static LIBRARY: InstrumentationScope = InstrumentationScope::new("a library", "1.2.3");

fn tracer(receiver: &Receiver, timeout: Duration) -> RecordingTracer {
    let recorder = sdk_exporter(receiver.url("/api/v2/spans"), timeout).unwrap();
    let clock = Clock::manual(SystemTime::UNIX_EPOCH + LONG);
    RecordingTracer::builder(recorder).service("shop").clock(clock).without_thread().build()
}

fn holds(stats: &Stats) {
    assert_eq!(stats.started, stats.delivered + stats.dropped.total() + stats.queued, "{stats}");
    assert_eq!(stats.dropped.of("not accounted for"), 0, "{stats}");
}

/// Records a root span with `work`, and returns the JSON that arrives.
fn sent(work: impl FnOnce(&RecordingTracer)) -> Json {
    let receiver = Receiver::always(ScriptedResponse::status(202));
    let tracer = tracer(&receiver, LONG);
    work(&tracer);
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
    let request = &receiver.requests()[0];
    assert_eq!(request.line, "POST /api/v2/spans HTTP/1.1");
    assert_eq!(request.headers["content-type"], "application/json");
    let spans: Vec<Json> = serde_json::from_slice(&request.body).unwrap();
    spans[0].clone()
}

#[test]
fn service_names_and_endpoints_are_lost() {
    let tags = tags! { "peer.service" => "db" };
    let span = sent(|tracer| tracer.start_trace(Operation::client("SELECT").tags(&tags)).finish());
    assert_eq!(span["localEndpoint"], json!({}), "the service has no name");
    assert_eq!(span.get("remoteEndpoint"), None);
    assert_eq!((&span["name"], &span["kind"]), (&json!("SELECT"), &json!("CLIENT")));
}

#[test]
fn empty_fields_are_sent() {
    let short = Context::of_trace(TraceId::from_u128(7).unwrap(), Sampling::Record);
    let span = sent(|tracer| tracer.join_trace("a", &short).finish());
    assert_eq!(span["parentId"], "0000000000000000");
    assert_eq!((&span["shared"], &span["debug"]), (&json!(false), &json!(false)));
    assert_eq!((&span["annotations"], &span["duration"]), (&json!([]), &json!(0)));
    assert_eq!(span["traceId"], "00000000000000000000000000000007");
}

#[test]
fn some_tags_replace_properties_of_the_span() {
    let tags = tags! { "span.kind" => "client", "error" => true };
    let span = sent(|tracer| {
        tracer.start_trace(Operation::server("a").tags(&tags).instrumentation_scope(&LIBRARY)).finish();
    });
    assert_eq!(span.get("kind"), None);
    assert_eq!(span["tags"].get("error"), None);
    assert_eq!(span["tags"]["otel.library.name"], "a library");
    assert_eq!(span["tags"].get("otel.scope.name"), None);
}

#[test]
fn events_lose_their_tags() {
    let span = sent(|tracer| {
        let span = tracer.start_trace("a");
        span.event_with(Event::new("retry").tags(&tags! { "attempt" => 3 }));
        span.finish();
    });
    assert_eq!(span["annotations"], json!([{ "timestamp": 60_000_000, "value": "retry" }]));
}

#[test]
fn a_failed_request_is_counted_and_reports_the_message() {
    for (answer, timeout, message) in [
        (ScriptedResponse::body(400, "no\nthanks"), LONG, r"the server responded 400: no\nthanks"),
        (ScriptedResponse::Hang, Duration::from_millis(150), "no response from "),
        (ScriptedResponse::SendAndClose(Vec::new()), LONG, "connection closed before the response"),
    ] {
        let receiver = Receiver::always(answer);
        let tracer = tracer(&receiver, timeout);
        tracer.start_trace("a").finish();
        let flushed = tracer.flush_blocking(LONG);
        let Err(FlushError::Failed(error)) = &flushed.result else { panic!("{flushed:?}") };
        // The exporter adds text, and the recorder escapes the whole message.
        assert!(error.message().contains(&message.replace('\\', r"\\")), "{error}");
        assert_eq!(tracer.stats().dropped.of("export failed"), 1);
        assert!(receiver.requests().len() <= 1);
        holds(&tracer.stats());
    }
}

#[test]
fn an_invalid_endpoint_is_an_error() {
    let error = sdk_exporter("x://user:secret@zipkin/", LONG).unwrap_err();
    assert_eq!(error.to_string(), r#"invalid endpoint "zipkin/": expected an http or https URL"#);
    let recorder = sdk_exporter("http://user:secret@zipkin/", LONG).unwrap();
    assert!(!format!("{recorder:?}").contains("secret"), "{recorder:?}");
}
