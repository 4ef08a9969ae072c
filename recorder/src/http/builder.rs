//! The builder of [`HttpClient`].

use std::fmt;

use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::{HttpClient, client::Target};
use crate::{SetupError, SetupErrorKind};

/// Headers that the client sets itself.
const RESERVED: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::HOST,
];

/// Configures an [`HttpClient`]. Created by [`HttpClient::builder`].
///
/// ```
/// use anytrace_recorder::http::HttpClient;
///
/// let client = HttpClient::builder("http://collector.example/spans", "application/json")
///     .header("x-tenant", "acme")
///     .user_agent("my-recorder/1.0")
///     .build()?;
/// # let _ = client;
///
/// let error = HttpClient::builder("collector.example", "application/json").build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid endpoint \"collector.example\": expected an http or https URL");
/// # Ok::<(), anytrace_recorder::SetupError>(())
/// ```
#[must_use = "call `build` to create the client"]
pub struct HttpClientBuilder {
    endpoint: String,
    content_type: &'static str,
    user_agent: String,
    headers: Vec<(String, String)>,
    compress: bool,
    max_response_bytes: Option<usize>,
}

impl HttpClientBuilder {
    pub(super) fn new(endpoint: String, content_type: &'static str) -> Self {
        HttpClientBuilder {
            endpoint,
            content_type,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: Vec::new(),
            compress: true,
            max_response_bytes: None,
        }
    }

    /// Adds a header to each request. Error messages and `Debug` output do not show its value.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the header `User-Agent`. Default: `anytrace-recorder/` and the version.
    pub fn user_agent(self, name: impl Into<String>) -> Self {
        HttpClientBuilder { user_agent: name.into(), ..self }
    }

    /// Turns compression off. By default, request bodies of 1 KiB and more are compressed with gzip.
    pub fn without_compression(self) -> Self {
        HttpClientBuilder { compress: false, ..self }
    }

    /// Reads the whole body of each 2xx response, up to the deadline. A truncated body, or one of more than `max_bytes`
    /// bytes, is an error with the reason `invalid response`. By default, only the status counts, and the client reads at
    /// most 64 KiB of the body within one second.
    pub fn read_responses(self, max_bytes: usize) -> Self {
        HttpClientBuilder { max_response_bytes: Some(max_bytes), ..self }
    }

    /// Creates the client. It connects when the first request is sent.
    ///
    /// # Errors
    ///
    /// Returns an error if the endpoint is not an `http` URL (or an `https` URL, with the feature `tls`), if a header is
    /// invalid, or if it is one that the client sets itself.
    pub fn build(self) -> Result<HttpClient, SetupError> {
        let value = |name: &str, text: &str| {
            HeaderValue::try_from(text).map_err(|_| SetupError::new(SetupErrorKind::InvalidHeader, name))
        };
        let mut headers = HeaderMap::new();
        for (name, text) in &self.headers {
            let key = HeaderName::try_from(name)
                .map_err(|_| SetupError::new(SetupErrorKind::InvalidHeader, name))?;
            if RESERVED.contains(&key) {
                return Err(SetupError::new(SetupErrorKind::ReservedHeader, key.as_str()));
            }
            let mut value = value(name, text)?;
            value.set_sensitive(true);
            headers.append(key, value);
        }
        value("user-agent", &self.user_agent)?;
        let target = Target {
            endpoint: endpoint(&self.endpoint)?,
            headers,
            content_type: value("content-type", self.content_type)?,
            compress: self.compress,
            max_response_bytes: self.max_response_bytes,
        };
        Ok(HttpClient::new(target, &self.user_agent))
    }
}

fn endpoint(text: &str) -> Result<Uri, SetupError> {
    let error = |kind| SetupError::new(kind, text);
    let uri: Uri = text.parse().map_err(|_| error(SetupErrorKind::InvalidEndpoint))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "tls") => {}
        Some("https") => return Err(error(SetupErrorKind::TlsDisabled)),
        _ => return Err(error(SetupErrorKind::InvalidEndpoint)),
    }
    match uri.host() {
        None | Some("") => Err(error(SetupErrorKind::InvalidEndpoint)),
        Some(_) => Ok(uri),
    }
}

/// Omits the headers and the endpoint, which can contain secrets.
impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder")
            .field("content_type", &self.content_type)
            .field("compress", &self.compress)
            .field("max_response_bytes", &self.max_response_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(url: &str) -> HttpClientBuilder {
        HttpClient::builder(url, "text/plain")
    }

    fn build_error(builder: HttpClientBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn an_invalid_endpoint_is_an_error() {
        for url in
            ["", "zipkin", "/api/v2/spans", "ftp://zipkin/", "http://", "http:///x", "http://a b/", "\n"]
        {
            let error = build_error(to(url));
            assert!(error.starts_with("invalid endpoint "), "{error}");
        }
        let error = build_error(to("x://user:secret@zipkin/\u{1b}"));
        assert_eq!(error, "invalid endpoint \"zipkin/\\u{1b}\": expected an http or https URL");
        assert_eq!(to("https://zipkin/").build().is_ok(), cfg!(feature = "tls"));
    }

    #[test]
    fn headers_cannot_inject_other_headers() {
        let to = || to("http://zipkin/");
        assert_eq!(build_error(to().header("a\r\nb", "c")), "invalid header \"a\\r\\nb\"");
        assert_eq!(build_error(to().header("a", "secret\r\nb: c")), "invalid header \"a\"");
        assert_eq!(build_error(to().user_agent("a\r\nb: c")), "invalid header \"user-agent\"");
        let error = build_error(to().header("Content-Length", "1"));
        assert_eq!(error, "the header \"content-length\" is set by the client and cannot be overridden");
    }

    #[test]
    fn debug_output_omits_secrets() {
        let builder = to("http://user:secret@zipkin/").header("authorization", "secret");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }
}
