//! The builder of [`ZipkinRecorder`].

use std::{fmt, net::SocketAddr, time::Duration};

use anytrace_recorder::{SetupError, http::HttpClient};

use crate::{Encoder, ZipkinRecorder};

pub(crate) const USER_AGENT: &str = concat!("anytrace-zipkin/", env!("CARGO_PKG_VERSION"));

/// Configures a [`ZipkinRecorder`]. Created by [`ZipkinRecorder::builder`].
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
/// assert_eq!(error.to_string(), "invalid endpoint \"zipkin:9411\": expected an http or https URL");
/// # Ok::<(), anytrace_zipkin_bridge::SetupError>(())
/// ```
#[must_use = "call `build` to create the recorder"]
pub struct ZipkinRecorderBuilder {
    endpoint: String,
    headers: Vec<(String, String)>,
    encoder: Encoder,
    compress: bool,
    timeout: Duration,
    max_spans: usize,
    max_bytes: usize,
}

impl ZipkinRecorderBuilder {
    pub(crate) fn new() -> Self {
        ZipkinRecorderBuilder {
            endpoint: ZipkinRecorder::ENDPOINT.to_owned(),
            headers: Vec::new(),
            encoder: Encoder::new(),
            compress: true,
            timeout: Duration::from_secs(10),
            max_spans: 1000,
            max_bytes: 500_000,
        }
    }

    /// Sets the complete URL of the server. Default: [`ZipkinRecorder::ENDPOINT`]. `https` requires the feature `tls`.
    /// A user and password in the URL are sent as a header `Authorization`.
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        ZipkinRecorderBuilder { endpoint: url.into(), ..self }
    }

    /// Sets the address on which this service listens, for Zipkin's `localEndpoint`. The tracer's resource contains the
    /// name of the service. Default: no address.
    pub fn local_address(self, address: SocketAddr) -> Self {
        ZipkinRecorderBuilder { encoder: self.encoder.local_address(address), ..self }
    }

    /// Adds a header to each request. Error messages and `Debug` output do not show its value.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Turns compression off. By default, requests of 1 KiB and more are compressed with gzip.
    pub fn without_compression(self) -> Self {
        ZipkinRecorderBuilder { compress: false, ..self }
    }

    /// Sets the time limit for one request, from name resolution to the response. Default: 10 s. The tracer's deadlines
    /// apply as well.
    pub fn timeout(self, timeout: Duration) -> Self {
        ZipkinRecorderBuilder { timeout, ..self }
    }

    /// Sets the maximum number of spans in one request. Default: 1,000. Minimum: 1.
    pub fn max_message_spans(self, spans: usize) -> Self {
        ZipkinRecorderBuilder { max_spans: spans.max(1), ..self }
    }

    /// Sets the maximum size of a request in bytes, before compression. Default: 500,000, as in Zipkin's own senders. A
    /// single span above the limit is dropped as `too large`.
    pub fn max_message_bytes(self, bytes: usize) -> Self {
        ZipkinRecorderBuilder { max_bytes: bytes, ..self }
    }

    /// Creates the recorder. It connects when the first batch is sent.
    ///
    /// # Errors
    ///
    /// Returns an error if the endpoint is not an `http` URL (or an `https` URL, with the feature `tls`), if a header is
    /// invalid, or if it is one that the client sets itself.
    pub fn build(self) -> Result<ZipkinRecorder, SetupError> {
        let client = HttpClient::builder(self.endpoint, "application/json").user_agent(USER_AGENT);
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

/// Omits the headers and the endpoint, which can contain secrets.
impl fmt::Debug for ZipkinRecorderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipkinRecorderBuilder")
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
    fn debug_output_omits_secrets() {
        let builder = ZipkinRecorderBuilder::new()
            .header("authorization", "secret")
            .endpoint("http://user:secret@zipkin/");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }
}
