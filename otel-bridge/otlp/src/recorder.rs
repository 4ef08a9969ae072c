//! Finished spans to an OTLP server.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use anytrace_recorder::{Batch, Delivery, FinishedSpan, Loss, Recorder, told};

use crate::{
    OtlpRecorderBuilder, request,
    response::PartialSuccess,
    retry::{self, Backoff},
    transport::Transport,
};

/// Sends finished spans to an OTLP server: OpenTelemetry's collector, or a tracing system that speaks for itself. Features
/// `http` and `grpc`; [`Protocol`](crate::Protocol) says which.
///
/// A batch is one message, or more where that would be too large. Every span is accounted for: what the server says it
/// took is `delivered`, and everything else is lost by one of these reasons, with the first one told in words to whoever
/// waits for a flush.
///
/// | reason | HTTP | gRPC |
/// |---|---|---|
/// | `rejected` | a partial success: so many spans of the message were not taken | the same |
/// | `refused` | 4xx | `INVALID_ARGUMENT`, `NOT_FOUND`, `ALREADY_EXISTS`, `PERMISSION_DENIED`, `RESOURCE_EXHAUSTED`, `FAILED_PRECONDITION`, `OUT_OF_RANGE`, `UNIMPLEMENTED`, `UNAUTHENTICATED` |
/// | `server error` | 5xx | any other status of the server's, and what is no gRPC |
/// | `redirected` | 3xx: spans go nowhere but where they were sent | |
/// | `unreachable` | no such host, nobody there | the same |
/// | `timeout` | no answer within the time for the batch, or before the tracer's deadline | the same, and `DEADLINE_EXCEEDED` |
/// | `disconnected` | the connection ended before the answer | the connection or the stream did, or is no HTTP/2 |
/// | `bad answer` | no HTTP; said to be OTLP's and is not; breaks off; more than 4 MiB | more than 4 MiB; details that are no base64 |
/// | `tls failed` | no trust | the same |
/// | `too large` | one span is larger than a message may be | the same |
///
/// # Retries
///
/// What the [specification] calls retryable is sent again, and nothing else: after 429, 502, 503 and 504; after
/// `CANCELLED`, `DEADLINE_EXCEEDED`, `ABORTED`, `OUT_OF_RANGE`, `UNAVAILABLE` and `DATA_LOSS`, and `RESOURCE_EXHAUSTED`
/// where the server says when; and where there was no connection, or it ended before the answer. The first pause is 100
/// ms, each next one twice as long up to 5 s, and all of a message a fifth more or less. A server that says how long to
/// wait (`Retry-After`, `RetryInfo`) is heeded instead. A pause that would not end within the time for the batch is not
/// begun: the last reason counts. Meanwhile newer spans wait in the tracer's queue.
///
/// A server that read a message and then lost the connection gets it twice, as the specification wants it: the spans are
/// `delivered` once and may be stored twice. One that does not answer in time is not asked again, since there is no
/// time: the spans are lost for `timeout`, and may have arrived. So may those of a `bad answer`.
///
/// An answer of 2xx that does not say it is protobuf is delivery, whatever it holds: not all servers know partial
/// successes. A partial success that rejects nothing is a warning: it is told to whoever waits for a flush.
///
/// Redirects are not followed, proxies of the environment are not asked, and no answer is unpacked. Environment variables
/// are not read.
///
/// # Runtimes
///
/// HTTP needs none. gRPC has a tokio runtime of its own, which runs on the reporter's thread while it waits for an answer.
/// Whether the application has one, and of which kind, does not matter.
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

/// Room for a message that is kept for the next one; of a larger one it is given back.
const KEPT: usize = 1024 * 1024;

/// How far a recorder goes for one batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) max_message_bytes: usize,
}

impl OtlpRecorder {
    /// One to be set up.
    pub fn builder() -> OtlpRecorderBuilder {
        OtlpRecorderBuilder::new()
    }

    /// Appends the message that a batch is sent as, an `ExportTraceServiceRequest`: for whoever carries it otherwise, in a
    /// queue or a file. It is not compressed, and as large as the batch makes it.
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

    /// Sends the message, which holds so many spans.
    fn send(&mut self, spans: u64, deadline: Instant, delivery: &mut Delivery) {
        let backoff = Backoff::new(self.limits.retries);
        match retry::deliver(&mut *self.transport, &self.message, deadline, backoff, thread::sleep) {
            Ok(response) => settle(response.partial_success, spans, delivery),
            Err(failure) => {
                delivery.dropped.add(failure.loss.as_str(), spans);
                delivery.error.get_or_insert(failure.words);
            }
        }
    }
}

/// The server took the message, and perhaps not all of it.
fn settle(partial: Option<PartialSuccess>, spans: u64, delivery: &mut Delivery) {
    let partial = partial.unwrap_or_default();
    let rejected = u64::try_from(partial.rejected_spans).unwrap_or(0).min(spans);
    delivery.delivered += spans - rejected;
    delivery.dropped.add(Loss::Rejected.as_str(), rejected);
    let words = told(&partial.error_message);
    let colon = if words.is_empty() { "" } else { ": " };
    if rejected > 0 {
        let error = || format!("the server rejected {rejected} of {spans} spans{colon}{words}");
        delivery.error.get_or_insert_with(error);
    } else if !words.is_empty() {
        delivery.error.get_or_insert_with(|| format!("the server took all spans, and warns{colon}{words}"));
    }
}

impl Recorder for OtlpRecorder {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let mine = Instant::now().checked_add(self.limits.timeout);
        let deadline = mine.map_or(deadline, |mine| mine.min(deadline));
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
                delivery.dropped.add(Loss::TooLarge.as_str(), 1);
                let why = || format!("a span of {bytes} bytes is too large for a message");
                delivery.error.get_or_insert_with(why);
            }
        }
        self.message.clear();
        self.message.shrink_to(KEPT);
        delivery
    }

    fn idle(&mut self) {
        self.transport.idle();
    }
}

/// Without the endpoint and the headers, which may hold secrets.
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
    fn what_it_does_is_not_traced() {
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
