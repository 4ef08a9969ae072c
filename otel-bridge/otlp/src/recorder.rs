//! The recorder that sends finished spans to an OTLP server.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use anytrace_api::flush::{DropReason, ExportError};
use anytrace_recorder::{Batch, Delivery, FinishedSpan, Recorder, sanitized};

use crate::{
    OtlpRecorderBuilder, request,
    response::PartialSuccess,
    retry::{self, Backoff},
    transport::Transport,
};

/// Sends finished spans to an OTLP server: the OpenTelemetry Collector, or a tracing system that accepts OTLP.
///
/// Each batch is one request, or several if one request would exceed the [size
/// limit](OtlpRecorderBuilder::max_message_bytes). Every span is counted: as delivered if the server accepted it, or
/// else as dropped with one of these reasons. The first error of a batch is the result of the next flush.
///
/// | drop reason | HTTP | gRPC |
/// |---|---|---|
/// | `rejected` | partial success: the server rejected this number of spans | the same |
/// | `refused` | 4xx | `INVALID_ARGUMENT`, `NOT_FOUND`, `ALREADY_EXISTS`, `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED`, `FAILED_PRECONDITION`, `OUT_OF_RANGE`, `UNIMPLEMENTED`, `UNAUTHENTICATED` |
/// | `server error` | 5xx | any other status from the server, or a response that is not gRPC |
/// | `redirected` | 3xx: redirects are not followed | |
/// | `unreachable` | the host name cannot be resolved, or the connection is refused | the same |
/// | `timeout` | no response within the time limit of the batch or before the tracer's deadline | the same, and `DEADLINE_EXCEEDED` |
/// | `disconnected` | the connection closed before the response | the connection or stream closed, or is not HTTP/2 |
/// | `invalid response` | not HTTP, malformed protobuf, truncated, or above 4 MiB | above 4 MiB, or malformed status details |
/// | `TLS handshake failed` | for example an invalid certificate | the same |
/// | `too large` | a single span exceeds the size limit of a request | the same |
///
/// # Retries
///
/// The recorder retries the requests that the [specification] calls retryable: after an HTTP status of 429, 502, 503 or
/// 504; after the gRPC status `CANCELLED`, `DEADLINE_EXCEEDED`, `ABORTED`, `OUT_OF_RANGE`, `UNAVAILABLE` or
/// `DATA_LOSS`, or `RESOURCE_EXHAUSTED` with a delay from the server; and after a failed or closed connection. The
/// first pause is 100 ms, each further pause is twice as long up to 5 s, and all pauses of a request vary by up to 20
/// %. A delay from the server (`Retry-After`, `RetryInfo`) replaces the pause. If a pause would exceed the time limit
/// of the batch, the spans are dropped with the last reason. During a pause, newer spans stay in the tracer's queue.
///
/// Retries can duplicate spans, as the specification accepts: a server may have stored a request before the connection
/// closed. A request that timed out is not retried, because no time is left; the server may have stored its spans,
/// which are counted as dropped. The same applies to an `invalid response`.
///
/// A 2xx response without the content type of protobuf counts as delivery, because some servers do not implement partial
/// success. A partial success without rejected spans is a warning, which becomes the error of the next flush.
///
/// The recorder follows no redirects, uses no proxy variables, reads no environment variables, and decompresses no HTTP
/// responses.
///
/// # Runtimes
///
/// HTTP needs no async runtime. gRPC uses its own tokio runtime, which runs on the reporter thread while the recorder waits
/// for a response. Both work in applications with any runtime, or with none.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::TracerExt;
/// use anytrace_otlp::OtlpRecorder;
/// use anytrace_recorder::RecordingTracer;
/// # #[cfg(feature = "http")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let endpoint = format!("http://{}", server.local_addr()?);
/// # let collector = std::thread::spawn(move || {
/// #     use std::io::{Read, Write};
/// #     let (mut stream, _) = server.accept().unwrap();
/// #     let mut read = Vec::new();
/// #     while !read.windows(4).any(|end| end == b"load") { let mut byte = [0]; stream.read_exact(&mut byte).unwrap(); read.push(byte[0]); }
/// #     stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
/// #     read
/// # });
///
/// let recorder = OtlpRecorder::builder().endpoint(endpoint).build()?;
/// let tracer = RecordingTracer::builder(recorder).service("orders").build();
/// tracer.start_trace("load").finish();
///
/// let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
/// assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
/// # assert!(collector.join().unwrap().starts_with(b"POST /v1/traces"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "http"))]
/// # fn main() {}
/// ```
///
/// [specification]: https://opentelemetry.io/docs/specs/otlp/
pub struct OtlpRecorder {
    transport: Box<dyn Transport>,
    limits: Limits,
    message: Vec<u8>,
}

/// The capacity of the request buffer that is kept for the next batch.
const KEPT_CAPACITY: usize = 1024 * 1024;

/// The limits for one batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) max_message_bytes: usize,
}

impl OtlpRecorder {
    /// Starts the configuration of a recorder.
    pub fn builder() -> OtlpRecorderBuilder {
        OtlpRecorderBuilder::new()
    }

    /// Appends the batch as an encoded `ExportTraceServiceRequest`, for transports other than HTTP and gRPC, such as a
    /// message queue or a file. The request is not compressed, and its size is not limited.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use anytrace_otlp::OtlpRecorder;
    /// use anytrace_recorder::{Batch, MockTracer, Resource};
    ///
    /// let mock = MockTracer::new();
    /// mock.start_trace("load").finish();
    ///
    /// let mut message = Vec::new();
    /// OtlpRecorder::encode(Batch::new(&Resource::new("orders"), &mock.finished()), &mut message);
    /// assert!(message.windows(4).any(|part| part == b"load"));
    /// ```
    pub fn encode(batch: Batch<'_>, out: &mut Vec<u8>) {
        request::write(out, batch.resource, batch.spans);
    }

    pub(crate) fn new(transport: Box<dyn Transport>, limits: Limits) -> Self {
        OtlpRecorder { transport, limits, message: Vec::new() }
    }

    /// Sends the encoded request, which contains `spans` spans.
    fn send(&mut self, spans: u64, deadline: Instant, delivery: &mut Delivery) {
        let backoff = Backoff::new(self.limits.retries);
        match retry::deliver(&mut *self.transport, &self.message, deadline, backoff, thread::sleep) {
            Ok(response) => settle(response.partial_success, spans, delivery),
            Err(failure) => {
                delivery.dropped.add(failure.error.reason(), spans);
                delivery.error.get_or_insert(failure.error);
            }
        }
    }
}

/// Counts the spans of a request that the server accepted, possibly in part.
fn settle(partial: Option<PartialSuccess>, spans: u64, delivery: &mut Delivery) {
    let partial = partial.unwrap_or_default();
    let rejected = u64::try_from(partial.rejected_spans).unwrap_or(0).min(spans);
    delivery.delivered += spans - rejected;
    delivery.dropped.add(DropReason::Rejected, rejected);
    let detail = sanitized(&partial.error_message);
    let separator = if detail.is_empty() { "" } else { ": " };
    let (reason, message) = if rejected > 0 {
        (DropReason::Rejected, format!("the server rejected {rejected} of {spans} spans{separator}{detail}"))
    } else if !detail.is_empty() {
        let message = format!("the server accepted all spans with a warning{separator}{detail}");
        (DropReason::Other("warning"), message)
    } else {
        return;
    };
    delivery.error.get_or_insert_with(|| ExportError::new(reason, message));
}

impl Recorder for OtlpRecorder {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let own_deadline = Instant::now().checked_add(self.limits.timeout);
        let deadline = own_deadline.map_or(deadline, |own| own.min(deadline));
        let mut delivery = Delivery::default();
        let mut parts: Vec<&[FinishedSpan]> = vec![batch.spans];
        while let Some(spans) = parts.pop() {
            if spans.is_empty() {
                continue;
            }
            self.message.clear();
            request::write(&mut self.message, batch.resource, spans);
            let bytes = self.message.len();
            if bytes <= self.limits.max_message_bytes {
                self.send(spans.len() as u64, deadline, &mut delivery);
            } else if spans.len() > 1 {
                let (first, second) = spans.split_at(spans.len() / 2);
                parts.extend([second, first]);
            } else {
                delivery.dropped.add(DropReason::TooLarge, 1);
                let message = format!("a span of {bytes} bytes exceeds the size limit of a request");
                delivery.error.get_or_insert_with(|| ExportError::new(DropReason::TooLarge, message));
            }
        }
        self.message.clear();
        self.message.shrink_to(KEPT_CAPACITY);
        delivery
    }

    fn idle(&mut self) {
        self.transport.idle();
    }
}

/// Omits the endpoint and the headers, which can contain secrets.
impl fmt::Debug for OtlpRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpRecorder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use anytrace_api::TracerExt;
    use anytrace_recorder::RecordingTracer;

    use super::*;
    use crate::{failure::Failure, response::Response};

    struct Probe;

    impl Transport for Probe {
        fn send(&mut self, _: &[u8], _: Instant) -> Result<Response, Failure> {
            assert!(!anytrace_api::start_span("of the transport").is_recording());
            Ok(Response::default())
        }
    }

    #[test]
    fn requests_are_not_traced() {
        let limits = Limits { timeout: Duration::MAX, retries: 0, max_message_bytes: usize::MAX };
        let recorder = OtlpRecorder::new(Box::new(Probe), limits);
        let tracer = RecordingTracer::builder(recorder).without_thread().build();
        anytrace_api::with_tracer(&anytrace_api::TracerHandle::new(tracer.clone()), || {
            anytrace_api::start_span("a").finish();
            assert_eq!(tracer.flush_blocking(Duration::from_secs(60)).delivered, 1);
        });
        assert_eq!(tracer.stats().started, 1);
    }
}
