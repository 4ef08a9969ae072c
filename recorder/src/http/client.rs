//! The HTTP client.

use std::{
    fmt,
    io::{self, Read, Write},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use ureq::{
    Agent,
    http::{HeaderMap, HeaderValue, Uri, header},
};

use anytrace_api::flush::DropReason;

use super::{HttpClientBuilder, HttpError, HttpResponse, error::drop_reason};

/// The number of bytes read of a body that is ignored. After a longer body, the connection is not reused.
const IGNORED_BODY: usize = 64 * 1024;

/// The time to read such a body, from the status line on.
const IGNORED_BODY_TIMEOUT: Duration = Duration::from_secs(1);

/// Shorter bodies are not compressed, because they fit into one packet.
const MIN_COMPRESSED_BYTES: usize = 1024;

/// A client that sends POST requests to one endpoint and reuses its connection.
///
/// ```
/// use std::time::{Duration, Instant};
/// use anytrace_api::flush::DropReason;
/// use anytrace_recorder::http::HttpClient;
/// # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let endpoint = format!("http://{}/spans", server.local_addr()?);
/// # std::thread::spawn(move || {
/// #     use std::io::{Read, Write};
/// #     let (mut stream, _) = server.accept().unwrap();
/// #     let _ = stream.read(&mut [0; 1024]);
/// #     stream.write_all(b"HTTP/1.1 503 x\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy").unwrap();
/// # });
///
/// let mut client = HttpClient::builder(endpoint, "text/plain").build()?;
/// let error = client.post(b"load", Instant::now() + Duration::from_secs(60)).unwrap_err();
/// assert_eq!(error.reason(), DropReason::ServerError);
/// assert_eq!(error.to_string(), "the server responded 503: busy");
///
/// let response = error.response().unwrap();
/// assert_eq!((response.status(), response.retry_after()), (503, Some(Duration::from_secs(7))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct HttpClient {
    agent: Agent,
    target: Target,
    /// The last exchange succeeded, so that its connection can be reused. The server may have closed it since.
    has_connection: bool,
}

/// The settings that [`HttpClientBuilder::build`] has validated.
pub(super) struct Target {
    pub(super) endpoint: Uri,
    pub(super) headers: HeaderMap,
    pub(super) content_type: HeaderValue,
    pub(super) compress: bool,
    /// The limit for bodies of 2xx responses, if they are read as a whole.
    pub(super) max_response_bytes: Option<usize>,
}

impl HttpClient {
    /// Starts the configuration of a client that sends requests of `content_type` to `endpoint`, an `http` URL or, with the
    /// feature `tls`, an `https` URL. A user and password in the URL are sent as a header `Authorization`.
    pub fn builder(endpoint: impl Into<String>, content_type: &'static str) -> HttpClientBuilder {
        HttpClientBuilder::new(endpoint.into(), content_type)
    }

    pub(super) fn new(target: Target, user_agent: &str) -> Self {
        let agent = Agent::config_builder()
            .user_agent(user_agent)
            .http_status_as_error(false)
            // Neither a redirect nor a proxy variable may send spans to another server.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .new_agent();
        HttpClient { agent, target, has_connection: false }
    }

    /// Sends a request with the body `message` and waits for the response until `deadline`.
    ///
    /// # Errors
    ///
    /// Returns an error unless a response with a status of 2xx arrives before the deadline.
    pub fn post(&mut self, message: &[u8], deadline: Instant) -> Result<HttpResponse, HttpError> {
        let compressed;
        let (body, is_compressed) = if self.target.compress && message.len() >= MIN_COMPRESSED_BYTES {
            compressed = gzip(message);
            (compressed.as_slice(), true)
        } else {
            (message, false)
        };
        let may_be_stale = std::mem::replace(&mut self.has_connection, false);
        let mut result = self.exchange(body, is_compressed, deadline);
        if may_be_stale && matches!(&result, Err(error) if error.reason() == DropReason::Disconnected) {
            result = self.exchange(body, is_compressed, deadline);
        }
        // Every response, whatever its status, shows that the connection works.
        self.has_connection = result.as_ref().map_or_else(|error| error.response().is_some(), |_| true);
        result
    }

    fn exchange(
        &self,
        body: &[u8],
        is_compressed: bool,
        deadline: Instant,
    ) -> Result<HttpResponse, HttpError> {
        let remaining = deadline.saturating_duration_since(Instant::now());
        if remaining.is_zero() {
            return Err(HttpError::timeout(&self.target.url()));
        }
        let mut request = self.agent.post(&self.target.endpoint);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.target.headers.clone());
        }
        request = request.header(header::CONTENT_TYPE, &self.target.content_type);
        if is_compressed {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        let ignored_body = self.target.max_response_bytes.is_none().then_some(IGNORED_BODY_TIMEOUT);
        let config = request.config().timeout_global(Some(remaining)).timeout_recv_body(ignored_body);
        let response = config.build().send(body);
        let mut response = response.map_err(|error| HttpError::request(error, &self.target.url()))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let max_bytes = self.target.max_response_bytes.filter(|_| status.is_success());
        let mut body = Vec::new();
        // A body that was read to its end leaves the connection reusable.
        let limit = max_bytes.map_or(IGNORED_BODY, |max_bytes| max_bytes.saturating_add(1));
        let end = response.body_mut().as_reader().take(limit as u64).read_to_end(&mut body);
        if let Some(max_bytes) = max_bytes {
            end.map_err(|error| self.truncated(error))?;
            if body.len() > max_bytes {
                return Err(HttpError::invalid_response(&format!("more than {max_bytes} bytes")));
            }
        }
        let response = HttpResponse::new(status.as_u16(), headers, body);
        if status.is_success() { Ok(response) } else { Err(HttpError::status(response)) }
    }

    /// Creates the error for a 2xx response whose body could not be read to its end.
    fn truncated(&self, error: io::Error) -> HttpError {
        let message = error.to_string();
        let error = error.downcast::<ureq::Error>().unwrap_or_else(ureq::Error::from);
        match drop_reason(&error) {
            DropReason::Timeout => HttpError::timeout(&self.target.url()),
            _ => HttpError::invalid_response(&message),
        }
    }
}

impl Target {
    /// Returns the endpoint for error messages, without the parts that can contain secrets: user, password and query.
    fn url(&self) -> String {
        let authority = self.endpoint.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit('@').next().unwrap_or_default();
        format!("{}://{host}{}", self.endpoint.scheme_str().unwrap_or_default(), self.endpoint.path())
    }
}

/// Compresses at the fastest level, which already removes most of the repeated names.
fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(message.len() / 4), Compression::fast());
    // Writing to a `Vec` does not fail.
    let _ = encoder.write_all(message);
    encoder.finish().unwrap_or_default()
}

/// Omits the endpoint and the headers, which can contain secrets.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}
