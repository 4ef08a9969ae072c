//! How a client is set up.

use std::fmt;

use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::{Client, client::Target};
use crate::SetupError;

/// Headers that belong to the message itself.
const RESERVED: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::HOST,
];

/// Sets up a [`Client`]. Made by [`Client::builder`].
///
/// ```
/// use anytrace_recorder::http::Client;
///
/// let client = Client::builder("http://collector.example/spans", "application/json")
///     .header("x-tenant", "acme")
///     .user_agent("my-recorder/1.0")
///     .build()?;
/// # let _ = client;
///
/// let error = Client::builder("collector.example", "application/json").build().unwrap_err();
/// assert_eq!(error.to_string(), "not an endpoint: collector.example");
/// # Ok::<(), anytrace_recorder::SetupError>(())
/// ```
#[must_use = "nothing is sent before `build`"]
pub struct Builder {
    endpoint: String,
    content_type: &'static str,
    user_agent: String,
    headers: Vec<(String, String)>,
    compress: bool,
    whole_answers: Option<usize>,
}

impl Builder {
    pub(super) fn new(endpoint: String, content_type: &'static str) -> Self {
        Builder {
            endpoint,
            content_type,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: Vec::new(),
            compress: true,
            whole_answers: None,
        }
    }

    /// One more header for each message. Its value is not shown anywhere.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Who sends.
    pub fn user_agent(self, name: impl Into<String>) -> Self {
        Builder { user_agent: name.into(), ..self }
    }

    /// Messages go as they are. Otherwise those of 1 KiB and more are compressed by gzip.
    pub fn without_compression(self) -> Self {
        Builder { compress: false, ..self }
    }

    /// The body of an answer of 2xx matters: it is read within the deadline, and one that breaks off or is longer than
    /// `max_bytes` is a `bad answer`. Otherwise the status says it all, and of the body as much is read as comes at once.
    pub fn whole_answers(self, max_bytes: usize) -> Self {
        Builder { whole_answers: Some(max_bytes), ..self }
    }

    /// The client. It connects when there is something to send.
    ///
    /// # Errors
    ///
    /// An endpoint that is no URL of `http` (or `https`, with the feature `tls`), a header that is none, or one that
    /// is not the caller's to set.
    pub fn build(self) -> Result<Client, SetupError> {
        let value = |name: &str, text: &str| {
            HeaderValue::try_from(text).map_err(|_| SetupError::new("not a header", name))
        };
        let mut headers = HeaderMap::new();
        for (name, text) in &self.headers {
            let key = HeaderName::try_from(name).map_err(|_| SetupError::new("not a header", name))?;
            if RESERVED.contains(&key) {
                return Err(SetupError::new("not a header of the caller's", key.as_str()));
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
            whole_answers: self.whole_answers,
        };
        Ok(Client::new(target, &self.user_agent))
    }
}

fn endpoint(text: &str) -> Result<Uri, SetupError> {
    let refused = |why| SetupError::new(why, text);
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
            .field("content_type", &self.content_type)
            .field("compress", &self.compress)
            .field("whole_answers", &self.whole_answers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(url: &str) -> Builder {
        Client::builder(url, "text/plain")
    }

    fn refused(builder: Builder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for url in
            ["", "zipkin", "/api/v2/spans", "ftp://zipkin/", "http://", "http:///x", "http://a b/", "\n"]
        {
            let error = refused(to(url));
            assert!(error.starts_with("not an endpoint: "), "{error}");
        }
        let error = refused(to("x://user:secret@zipkin/\u{1b}"));
        assert_eq!(error, "not an endpoint: zipkin/\\u{1b}");
        assert_eq!(to("https://zipkin/").build().is_ok(), cfg!(feature = "tls"));
    }

    #[test]
    fn headers_cannot_break_the_message() {
        let to = || to("http://zipkin/");
        assert_eq!(refused(to().header("a\r\nb", "c")), "not a header: a\\r\\nb");
        assert_eq!(refused(to().header("a", "secret\r\nb: c")), "not a header: a");
        assert_eq!(refused(to().user_agent("a\r\nb: c")), "not a header: user-agent");
        let error = refused(to().header("Content-Length", "1"));
        assert_eq!(error, "not a header of the caller's: content-length");
    }

    #[test]
    fn secrets_are_not_shown() {
        let builder = to("http://user:secret@zipkin/").header("authorization", "secret");
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }
}
