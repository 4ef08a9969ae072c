//! The error of a failed request.

use std::{error::Error, fmt, io, sync::Arc};

use anytrace_api::flush::{DropReason, ExportError};

use super::HttpResponse;
use crate::sanitized;

/// The error of a request that was not, or may not have been, delivered. [`HttpClient`](super::HttpClient) has an example.
///
/// The message is escaped and shortened, because it can contain text from the server and is written to logs.
#[derive(Clone, Debug)]
pub struct HttpError {
    reason: DropReason,
    cause: Cause,
}

#[derive(Clone, Debug)]
enum Cause {
    /// A response with a status other than 2xx.
    Status(Box<HttpResponse>),
    /// No valid response.
    NoResponse { message: String, source: Option<Arc<ureq::Error>> },
}

impl HttpError {
    /// Creates the error for a response with a status other than 2xx.
    pub(super) fn status(response: HttpResponse) -> Self {
        let reason = match response.status() {
            400..=499 => DropReason::Refused,
            500..=599 => DropReason::ServerError,
            300..=399 => DropReason::Redirected,
            _ => DropReason::InvalidResponse,
        };
        HttpError { reason, cause: Cause::Status(Box::new(response)) }
    }

    pub(super) fn timeout(url: &str) -> Self {
        Self::without_source(DropReason::Timeout, format!("no response from {url} before the deadline"))
    }

    pub(super) fn invalid_response(detail: &str) -> Self {
        let message = format!("invalid response: {}", sanitized(detail));
        Self::without_source(DropReason::InvalidResponse, message)
    }

    fn without_source(reason: DropReason, message: String) -> Self {
        HttpError { reason, cause: Cause::NoResponse { message, source: None } }
    }

    /// Creates the error for a failed request to `url`, which contains no secrets.
    pub(super) fn request(error: ureq::Error, url: &str) -> Self {
        let reason = drop_reason(&error);
        let detail = sanitized(&error.to_string());
        let message = match reason {
            DropReason::Timeout => return Self::timeout(url),
            DropReason::Unreachable => format!("cannot connect to {url}: {detail}"),
            DropReason::Disconnected => format!("connection closed before the response: {detail}"),
            DropReason::TlsHandshakeFailed => format!("TLS handshake failed: {detail}"),
            _ => format!("invalid response: {detail}"),
        };
        HttpError { reason, cause: Cause::NoResponse { message, source: Some(Arc::new(error)) } }
    }

    /// Returns the reason under which the spans of the request are counted as dropped.
    pub fn reason(&self) -> DropReason {
        self.reason
    }

    /// Returns the response if its status was not 2xx. A retry depends on its [status](HttpResponse::status) and
    /// [`retry_after`](HttpResponse::retry_after).
    pub fn response(&self) -> Option<&HttpResponse> {
        match &self.cause {
            Cause::Status(response) => Some(response),
            Cause::NoResponse { .. } => None,
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::NoResponse { message, .. } => f.write_str(message),
            Cause::Status(response) => {
                let body = String::from_utf8_lossy(response.body());
                let body = body.trim();
                let separator = if body.is_empty() { "" } else { ": " };
                write!(f, "the server responded {}{separator}{}", response.status(), sanitized(body))
            }
        }
    }
}

impl Error for HttpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::NoResponse { source: Some(source), .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<HttpError> for ExportError {
    fn from(error: HttpError) -> Self {
        ExportError::new(error.reason, error.to_string()).with_source(error)
    }
}

pub(super) fn drop_reason(error: &ureq::Error) -> DropReason {
    match error {
        ureq::Error::Timeout(_) => DropReason::Timeout,
        ureq::Error::Io(error) => io_drop_reason(error.kind()),
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::BadUri(_)
        | ureq::Error::RequireHttpsOnly(_) => DropReason::Unreachable,
        ureq::Error::Tls(_) | ureq::Error::TlsRequired => DropReason::TlsHandshakeFailed,
        #[cfg(feature = "tls")]
        ureq::Error::Rustls(_) | ureq::Error::Pem(_) => DropReason::TlsHandshakeFailed,
        _ => DropReason::InvalidResponse,
    }
}

fn io_drop_reason(kind: io::ErrorKind) -> DropReason {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, TimedOut, UnexpectedEof, WouldBlock,
    };
    match kind {
        TimedOut | WouldBlock => DropReason::Timeout,
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => DropReason::Disconnected,
        // rustls reports its errors with this kind when a read fails.
        InvalidData => DropReason::TlsHandshakeFailed,
        _ => DropReason::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use ureq::http::HeaderMap;

    use super::*;

    fn status(status: u16, body: &[u8]) -> HttpError {
        HttpError::status(HttpResponse::new(status, HeaderMap::new(), body.to_vec()))
    }

    #[test]
    fn text_from_the_server_is_escaped_and_shortened() {
        let error = status(400, b"bad\r\n\x1b[31m\xff list ");
        assert_eq!(error.to_string(), "the server responded 400: bad\\r\\n\\u{1b}[31m\u{fffd} list");
        assert_eq!(status(500, b"").to_string(), "the server responded 500");
        let long = status(500, &vec![b'x'; 64 * 1024]).to_string();
        assert_eq!(long.chars().count(), "the server responded 500: ".len() + 201);
    }

    #[test]
    fn the_status_class_determines_the_reason() {
        let reason = |code| status(code, b"").reason();
        assert_eq!([400, 404, 413, 429].map(reason), [DropReason::Refused; 4]);
        assert_eq!([500, 503, 599].map(reason), [DropReason::ServerError; 3]);
        assert_eq!([302, 307].map(reason), [DropReason::Redirected; 2]);
        assert_eq!([100, 999].map(reason), [DropReason::InvalidResponse; 2]);
    }

    #[test]
    fn an_export_error_keeps_reason_message_and_source() {
        let error = ExportError::from(HttpError::request(ureq::Error::HostNotFound, "http://nowhere/"));
        assert_eq!(error.reason(), DropReason::Unreachable);
        assert!(error.to_string().starts_with("cannot connect to http://nowhere/: "), "{error}");
        assert!(error.source().and_then(Error::source).is_some());
    }
}
