//! The response of a server.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use ureq::http::{HeaderMap, header};

/// The response of a server, with the part of its body that the client read. [`HttpClient`](super::HttpClient) has an
/// example.
#[derive(Clone)]
pub struct HttpResponse {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl HttpResponse {
    pub(super) fn new(status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        HttpResponse { status, headers, body }
    }

    /// Returns the status code, such as 200.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the first header `name`, if the response has one that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the media type of the body, without parameters.
    pub fn content_type(&self) -> Option<&str> {
        let value = self.header(header::CONTENT_TYPE.as_str())?;
        Some(value.split(';').next().unwrap_or_default().trim())
    }

    /// Returns the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the delay that the header `Retry-After` asks for (RFC 9110, section 10.2.3), given in seconds or as a date.
    /// A date in the past is a delay of zero; an invalid header is ignored.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header(header::RETRY_AFTER.as_str())?, SystemTime::now())
    }
}

fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number beyond `u64` is longer than any deadline.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Omits the headers, which can contain secrets.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:30 GMT").unwrap();
        let wait = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!([wait("0"), wait("1"), wait(" 120 ")], [Some(0), Some(1), Some(120)]);
        assert_eq!(wait("99999999999999999999999"), Some(u64::MAX));
        // RFC 9110, section 5.6.7: one date in the three formats.
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(wait(date), Some(7), "{date}");
        }
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:29 GMT"), Some(0), "a date in the past");
        for garbage in ["", "-1", "+1", "1.5", "1s", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "\u{661}"] {
            assert_eq!(wait(garbage), None, "{garbage}");
        }
    }
}
