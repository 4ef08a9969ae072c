//! Helpers for all tests.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anytrace_api::{
    TracerExt,
    flush::{FlushError, Flushed},
};
use anytrace_otlp::{OtlpRecorder, OtlpRecorderBuilder, Protocol};
use anytrace_recorder::{RecordingTracer, Stats};
use anytrace_test_receiver::{Receiver, Request, ScriptedResponse};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    trace::v1::Span,
};
use prost::Message;

/// A timeout longer than any test.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A timeout that the test waits for.
pub(crate) const SHORT: Duration = Duration::from_millis(150);

pub(crate) fn assert_accounted(stats: &Stats) {
    let sum = stats.delivered + stats.dropped.total() + stats.queued + stats.open;
    assert_eq!(stats.started, sum, "{stats}");
    assert_eq!(stats.dropped.of("not accounted for"), 0, "{stats}");
}

pub(crate) fn http(base: impl Into<String>) -> OtlpRecorderBuilder {
    OtlpRecorder::builder().protocol(Protocol::HttpProtobuf).endpoint(base)
}

pub(crate) fn grpc(base: impl Into<String>) -> OtlpRecorderBuilder {
    OtlpRecorder::builder().protocol(Protocol::Grpc).endpoint(base)
}

pub(crate) fn tracer(builder: OtlpRecorderBuilder) -> RecordingTracer {
    RecordingTracer::builder(builder.build().unwrap()).service("shop").without_thread().build()
}

pub(crate) fn spans(tracer: &RecordingTracer, count: usize) {
    for _ in 0..count {
        tracer.start_trace("span").finish();
    }
}

/// Sends three spans and returns the results.
pub(crate) fn three(builder: OtlpRecorderBuilder) -> (Flushed, Stats) {
    let tracer = tracer(builder);
    spans(&tracer, 3);
    let flushed = tracer.flush_blocking(LONG);
    assert_accounted(&tracer.stats());
    (flushed, tracer.stats())
}

/// Sends three spans, which must be dropped with `reason`, and returns the error.
pub(crate) fn assert_dropped(builder: OtlpRecorderBuilder, reason: &'static str) -> String {
    let (flushed, stats) = three(builder);
    assert_eq!((stats.delivered, stats.dropped.of(reason)), (0, 3), "{reason}: {stats}, {flushed:?}");
    error(&flushed).to_owned()
}

pub(crate) fn error(flushed: &Flushed) -> &str {
    match &flushed.result {
        Err(FlushError::Failed(error)) => error.message(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn all_spans(request: &ExportTraceServiceRequest) -> Vec<Span> {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

pub(crate) fn decoded(request: &Request) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest::decode(request.body.as_slice()).unwrap()
}

/// Returns the ids of all spans that the server accepted, with repetitions.
pub(crate) fn accepted(receiver: &Receiver) -> Vec<Vec<u8>> {
    let requests = receiver.accepted();
    requests.iter().flat_map(|request| all_spans(&decoded(request))).map(|span| span.span_id).collect()
}

pub(crate) fn partial(rejected_spans: i64, message: &str) -> ExportTraceServiceResponse {
    let error_message = message.to_owned();
    let partial = ExportTracePartialSuccess { rejected_spans, error_message };
    ExportTraceServiceResponse { partial_success: Some(partial) }
}

/// Creates a response with a protobuf body.
pub(crate) fn protobuf(status: u16, message: &impl Message) -> ScriptedResponse {
    ScriptedResponse::with(status, "content-type: application/x-protobuf\r\n", &message.encode_to_vec())
}

/// An endpoint without a server: no other test can bind port 1.
pub(crate) const UNREACHABLE: &str = "http://127.0.0.1:1";

/// Returns an address for one test alone, if the system has several loopback addresses.
pub(crate) fn apart(test: u8) -> SocketAddr {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, test], 0)))
        .or_else(|_| TcpListener::bind("127.0.0.1:0"));
    listener.unwrap().local_addr().unwrap()
}

/// Returns a builder for HTTP to `receiver`.
pub(crate) fn to(receiver: &Receiver) -> OtlpRecorderBuilder {
    http(receiver.url(""))
}

/// Sends three spans, which must be dropped with `reason` after one attempt.
pub(crate) fn assert_dropped_at_once(answer: ScriptedResponse, reason: &'static str) -> String {
    let receiver = Receiver::always(answer);
    let error = assert_dropped(to(&receiver), reason);
    assert_eq!(receiver.requests().len(), 1, "{reason}");
    error
}

pub(crate) fn head(status: u16, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} x\r\n{headers}\r\n").into_bytes()
}

/// Creates a response that asks for an immediate retry.
pub(crate) fn busy(status: u16) -> ScriptedResponse {
    ScriptedResponse::with(status, "retry-after: 0\r\n", b"")
}
