//! How a recorder is set up.

use std::{fmt, net::SocketAddr, time::Duration};

use anytrace_recorder::{SetupError, http::Client};

use crate::{Encoder, ZipkinRecorder};

pub(crate) const USER_AGENT: &str = concat!("anytrace-zipkin/", env!("CARGO_PKG_VERSION"));

/// Sets up a [`ZipkinRecorder`]. Made by [`ZipkinRecorder::builder`].
///
/// ```
/// use std::time::Duration;
/// use anytrace_zipkin_bridge::ZipkinRecorder;
///
/// let recorder = ZipkinRecorder::builder()
///     .endpoint("http://zipkin.example:9411/api/v2/spans")
///     .local_address(([192, 0, 2, 10], 8080).into())
///     .header("x-tenant", "acme")
///     .timeout(Duration::from_secs(3))
///     .build()?;
/// # let _ = recorder;
///
/// let error = ZipkinRecorder::builder().endpoint("zipkin:9411").build().unwrap_err();
/// assert_eq!(error.to_string(), "not an endpoint: zipkin:9411");
/// # Ok::<(), anytrace_zipkin_bridge::SetupError>(())
/// ```
#[must_use = "nothing is sent before `build`"]
pub struct Builder {
    endpoint: String,
    headers: Vec<(String, String)>,
    encoder: Encoder,
    compress: bool,
    timeout: Duration,
    max_spans: usize,
    max_bytes: usize,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Builder {
            endpoint: ZipkinRecorder::ENDPOINT.to_owned(),
            headers: Vec::new(),
            encoder: Encoder::new(),
            compress: true,
            timeout: Duration::from_secs(10),
            max_spans: 1000,
            max_bytes: 500_000,
        }
    }

    /// Where the spans go: the whole URL, [`ZipkinRecorder::ENDPOINT`] if it is not said. `https` takes the feature
    /// `tls`. A user and password in it become an `authorization` header.
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        Builder { endpoint: url.into(), ..self }
    }

    /// Where this service listens, for Zipkin's `localEndpoint`. Its name is that of the tracer's resource.
    pub fn local_address(self, address: SocketAddr) -> Self {
        Builder { encoder: self.encoder.local_address(address), ..self }
    }

    /// One more header for each message. Its value is not shown anywhere.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Messages go as they are. Otherwise those of 1 KiB and more are compressed by gzip, as Zipkin's own senders do.
    pub fn without_compression(self) -> Self {
        Builder { compress: false, ..self }
    }

    /// How long one message may take at the most, from looking up the name to the answer; 10 s. The tracer's own
    /// deadlines hold besides.
    pub fn timeout(self, timeout: Duration) -> Self {
        Builder { timeout, ..self }
    }

    /// How many spans one message may hold: at least 1; 1000.
    pub fn max_message_spans(self, spans: usize) -> Self {
        Builder { max_spans: spans.max(1), ..self }
    }

    /// How many bytes one message may have, in UTF-8 and before it is compressed; 500,000, as with Zipkin's own senders. A span that
    /// does not fit into one is lost, as `too large`.
    pub fn max_message_bytes(self, bytes: usize) -> Self {
        Builder { max_bytes: bytes, ..self }
    }

    /// The recorder. It connects when there is something to send.
    ///
    /// # Errors
    ///
    /// An endpoint that is no URL of `http` (or `https`, with the feature `tls`), a header that is none, or one that
    /// is not the caller's to set.
    pub fn build(self) -> Result<ZipkinRecorder, SetupError> {
        let client = Client::builder(self.endpoint, "application/json").user_agent(USER_AGENT);
        let client = if self.compress { client } else { client.without_compression() };
        let client =
            self.headers.into_iter().fold(client, |client, (name, value)| client.header(name, value));
        Ok(ZipkinRecorder::assemble(
            client.build()?,
            self.encoder,
            self.timeout,
            self.max_spans,
            self.max_bytes,
        ))
    }
}

/// Without the headers, which may be secrets, and the endpoint, which may hold one.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("compress", &self.compress)
            .field("timeout", &self.timeout)
            .field("max_message_spans", &self.max_spans)
            .field("max_message_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let builder = Builder::new().header("authorization", "secret").endpoint("http://user:secret@zipkin/");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }
}
