//! How a recorder is set up.

use std::{error::Error, fmt, net::SocketAddr, time::Duration};

use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use crate::{Encoder, ZipkinRecorder, client::Client, failure::shown};

/// Headers that belong to the message itself.
const RESERVED: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::HOST,
];

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

    /// Messages go as they are. Otherwise those of more than 1 KiB are compressed by gzip, as Zipkin's own senders do.
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

    /// How many bytes one message may have before it is compressed; 500,000, as with Zipkin's own senders. A span that
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
        let endpoint = endpoint(&self.endpoint)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let refused = || SetupError(format!("not a header: {}", shown(name)));
            let parsed = HeaderName::try_from(name).map_err(|_| refused())?;
            if RESERVED.contains(&parsed) {
                return Err(SetupError(format!("not a header of the caller's: {parsed}")));
            }
            let mut value = HeaderValue::try_from(value).map_err(|_| refused())?;
            value.set_sensitive(true);
            headers.append(parsed, value);
        }
        Ok(ZipkinRecorder::assemble(
            Client::new(endpoint, headers, self.compress),
            self.encoder,
            self.timeout,
            self.max_spans,
            self.max_bytes,
        ))
    }
}

fn endpoint(text: &str) -> Result<Uri, SetupError> {
    // Whatever stands before an `@` may be a password.
    let harmless = text.rsplit('@').next().unwrap_or_default();
    let refused = |why: &str| SetupError(format!("{why}: {}", shown(harmless)));
    let uri: Uri = text.parse().map_err(|_| refused("not an endpoint"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "tls") => {}
        Some("https") => return Err(refused("https takes the feature `tls`")),
        _ => return Err(refused("not an endpoint")),
    }
    match uri.host() {
        None | Some("") => Err(refused("not an endpoint")),
        Some(_) => Ok(uri),
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

/// A recorder cannot be set up so.
#[derive(Debug)]
pub struct SetupError(String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SetupError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: Builder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for url in
            ["", "zipkin", "/api/v2/spans", "ftp://zipkin/", "http://", "http:///x", "http://a b/", "\n"]
        {
            let error = refused(Builder::new().endpoint(url));
            assert!(error.starts_with("not an endpoint: "), "{error}");
        }
        let error = refused(Builder::new().endpoint("x://user:secret@zipkin/\u{1b}"));
        assert_eq!(error, "not an endpoint: zipkin/\\u{1b}");
        assert_eq!(Builder::new().endpoint("https://zipkin/").build().is_ok(), cfg!(feature = "tls"));
    }

    #[test]
    fn headers_cannot_break_the_message() {
        assert_eq!(refused(Builder::new().header("a\r\nb", "c")), "not a header: a\\r\\nb");
        assert_eq!(refused(Builder::new().header("a", "secret\r\nb: c")), "not a header: a");
        let error = refused(Builder::new().header("Content-Length", "1"));
        assert_eq!(error, "not a header of the caller's: content-length");
    }

    #[test]
    fn secrets_are_not_shown() {
        let builder = Builder::new().header("authorization", "secret").endpoint("http://user:secret@zipkin/");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }
}
