//! Finished spans to a Zipkin server.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anytrace_recorder::{Batch, Delivery, Loss, Recorder, http::Client};

use crate::{Encoder, builder::Builder, json};

/// Sends finished spans to a Zipkin server, as Zipkin v2 JSON over HTTP. [`Encoder`] says how they look there.
///
/// A batch is sent as one or more messages, one after the other. Every span is accounted for: an answer of 2xx is
/// `delivered`, and everything else is lost by one of these reasons, with the first one told to whoever waits for a
/// flush.
///
/// | reason | what happened |
/// |---|---|
/// | `refused`, `server error` | an answer of 4xx or 5xx, with the start of what the server says in the flush's error |
/// | `redirected` | an answer of 3xx: spans go nowhere but where they were sent |
/// | `unreachable` | no such host, nobody there |
/// | `timeout` | no answer within the time for one message, or before the tracer's deadline |
/// | `disconnected` | the connection ended before the answer |
/// | `bad answer`, `tls failed` | no HTTP, no trust |
/// | `too large` | one span is larger than a message may be |
///
/// Nothing is kept back or sent again, as with Zipkin's own senders: it would come at the cost of newer spans. The one
/// exception is a connection that the server closed between two messages: had it read the second after all, it merges
/// what it gets twice. Answers are read up to 64 KiB and not
/// unpacked, redirects are not followed, and proxies of the environment are not asked.
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
    client: Client,
    encoder: Encoder,
    timeout: Duration,
    max_spans: usize,
    max_bytes: usize,
    message: Message,
    /// One span, before it is known which message has room for it.
    span: Vec<u8>,
}

/// The list that is being filled.
#[derive(Default)]
struct Message {
    json: Vec<u8>,
    spans: usize,
}

impl ZipkinRecorder {
    /// Where a Zipkin server is, unless it is said otherwise: on this machine.
    pub const ENDPOINT: &'static str = "http://localhost:9411/api/v2/spans";

    /// One to be set up.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn assemble(
        client: Client,
        encoder: Encoder,
        timeout: Duration,
        max_spans: usize,
        max_bytes: usize,
    ) -> Self {
        let (message, span) = (Message::default(), Vec::new());
        ZipkinRecorder { client, encoder, timeout, max_spans, max_bytes, message, span }
    }

    /// Sends what the message holds, and leaves it empty.
    fn send(&mut self, deadline: Instant, delivery: &mut Delivery) {
        let spans = std::mem::take(&mut self.message.spans);
        if spans == 0 {
            return;
        }
        self.message.json.push(b']');
        json::to_ascii(&mut self.message.json);
        let mine = Instant::now().checked_add(self.timeout).map_or(deadline, |mine| mine.min(deadline));
        match self.client.post(&self.message.json, mine) {
            Ok(_) => delivery.delivered += spans as u64,
            Err(failure) => {
                delivery.dropped.add(failure.loss().as_str(), spans as u64);
                delivery.error.get_or_insert_with(|| failure.to_string());
            }
        }
    }
}

impl Recorder for ZipkinRecorder {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let mut delivery = Delivery::default();
        // A panic may have left something of the last batch.
        self.message.spans = 0;
        for span in batch.spans {
            self.span.clear();
            self.encoder.encode(batch.resource, span, &mut self.span);
            let bytes = self.span.len();
            if bytes + "[]".len() > self.max_bytes {
                delivery.dropped.add(Loss::TooLarge.as_str(), 1);
                let why = || format!("a span of {bytes} bytes is too large for a message");
                delivery.error.get_or_insert_with(why);
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

/// Without the endpoint and the headers, which may hold secrets.
impl fmt::Debug for ZipkinRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipkinRecorder")
            .field("timeout", &self.timeout)
            .field("max_message_spans", &self.max_spans)
            .field("max_message_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
