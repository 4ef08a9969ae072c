//! The recorder that sends finished spans to a Zipkin server.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anytrace_api::flush::{DropReason, ExportError};
use anytrace_recorder::{Batch, Delivery, Recorder, http::HttpClient};

use crate::{Encoder, ZipkinRecorderBuilder, json};

/// Sends finished spans to a Zipkin server, as Zipkin v2 JSON over HTTP. [`Encoder`] documents the format.
///
/// Each batch is sent as one or more requests, one after the other. Every span is counted: as delivered if the server
/// responded with 2xx, or else as dropped with one of these reasons. The first error of a batch is the result of the next
/// flush.
///
/// | drop reason | cause |
/// |---|---|
/// | `refused`, `server error` | a status of 4xx or 5xx; the error contains the beginning of the response body |
/// | `redirected` | a status of 3xx: redirects are not followed |
/// | `unreachable` | the host name cannot be resolved, or the connection is refused |
/// | `timeout` | no response within the time limit of a request or before the tracer's deadline |
/// | `disconnected` | the connection closed before the response |
/// | `invalid response` | the response is not HTTP |
/// | `TLS handshake failed` | for example an invalid certificate |
/// | `too large` | a single span exceeds the size limit of a request |
///
/// The recorder neither buffers nor retries, as Zipkin's own senders: retries would delay newer spans. One exception is a
/// reused connection that the server closed before it responded: that request is sent again, and Zipkin merges spans that
/// it receives twice. The recorder reads at most 64 KiB of a response, does not decompress responses, follows no redirects
/// and uses no proxy variables.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::TracerExt;
/// use anytrace_recorder::RecordingTracer;
/// use anytrace_zipkin_bridge::ZipkinRecorder;
/// # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let endpoint = format!("http://{}/api/v2/spans", server.local_addr()?);
/// # let zipkin = std::thread::spawn(move || {
/// #     use std::io::{Read, Write};
/// #     let (mut stream, _) = server.accept().unwrap();
/// #     let mut read = Vec::new();
/// #     while !read.ends_with(b"]") { let mut byte = [0]; stream.read_exact(&mut byte).unwrap(); read.push(byte[0]); }
/// #     stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").unwrap();
/// #     String::from_utf8(read).unwrap()
/// # });
///
/// let recorder = ZipkinRecorder::builder().endpoint(endpoint).build()?;
/// let tracer = RecordingTracer::builder(recorder).service("orders").build();
/// tracer.start_trace("load").finish();
///
/// let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
/// assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
/// # assert!(zipkin.join().unwrap().contains(r#""localEndpoint":{"serviceName":"orders"}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ZipkinRecorder {
    client: HttpClient,
    encoder: Encoder,
    timeout: Duration,
    max_spans: usize,
    max_bytes: usize,
    message: Message,
    /// The span that is being encoded.
    span: Vec<u8>,
}

/// A request body that is being filled: a JSON array.
#[derive(Default)]
struct Message {
    json: Vec<u8>,
    spans: usize,
}

impl ZipkinRecorder {
    /// The default endpoint: a Zipkin server on the same machine.
    pub const ENDPOINT: &'static str = "http://localhost:9411/api/v2/spans";

    /// Starts the configuration of a recorder.
    pub fn builder() -> ZipkinRecorderBuilder {
        ZipkinRecorderBuilder::new()
    }

    pub(crate) fn assemble(
        client: HttpClient,
        encoder: Encoder,
        timeout: Duration,
        max_spans: usize,
        max_bytes: usize,
    ) -> Self {
        let (message, span) = (Message::default(), Vec::new());
        ZipkinRecorder { client, encoder, timeout, max_spans, max_bytes, message, span }
    }

    /// Sends the request that has been filled, and clears it.
    fn send(&mut self, deadline: Instant, delivery: &mut Delivery) {
        let spans = std::mem::take(&mut self.message.spans);
        if spans == 0 {
            return;
        }
        self.message.json.push(b']');
        json::to_ascii(&mut self.message.json);
        let own_deadline = Instant::now().checked_add(self.timeout);
        let deadline = own_deadline.map_or(deadline, |own| own.min(deadline));
        match self.client.post(&self.message.json, deadline) {
            Ok(_) => delivery.delivered += spans as u64,
            Err(error) => {
                delivery.dropped.add(error.reason(), spans as u64);
                delivery.error.get_or_insert_with(|| error.into());
            }
        }
    }
}

impl Recorder for ZipkinRecorder {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let mut delivery = Delivery::default();
        // A panic can leave spans of the previous batch.
        self.message.spans = 0;
        for span in batch.spans {
            self.span.clear();
            self.encoder.encode(batch.resource, span, &mut self.span);
            let bytes = self.span.len();
            if bytes + "[]".len() > self.max_bytes {
                delivery.dropped.add(DropReason::TooLarge, 1);
                let message = format!("a span of {bytes} bytes exceeds the size limit of a request");
                delivery.error.get_or_insert_with(|| ExportError::new(DropReason::TooLarge, message));
                continue;
            }
            let is_full = self.message.spans == self.max_spans
                || self.message.json.len() + bytes + ",]".len() > self.max_bytes;
            if self.message.spans > 0 && is_full {
                self.send(deadline, &mut delivery);
            }
            self.message.add(&self.span);
        }
        self.send(deadline, &mut delivery);
        delivery
    }
}

impl Message {
    fn add(&mut self, span: &[u8]) {
        if self.spans == 0 {
            self.json.clear();
        }
        self.json.push(if self.spans == 0 { b'[' } else { b',' });
        self.json.extend_from_slice(span);
        self.spans += 1;
    }
}

/// Omits the endpoint and the headers, which can contain secrets.
impl fmt::Debug for ZipkinRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipkinRecorder")
            .field("timeout", &self.timeout)
            .field("max_message_spans", &self.max_spans)
            .field("max_message_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
