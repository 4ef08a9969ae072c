//! Messages to a server.

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

use super::{Answer, Builder, Failure};
use crate::Loss;

/// So much of a body is read that nothing depends on; the rest is left with the connection, which is not used again.
const IDLE_BODY: usize = 64 * 1024;

/// How long such a body may take once the status is known.
const IDLE_BODY_TIMEOUT: Duration = Duration::from_secs(1);

/// Shorter messages are not compressed: they fit into one packet anyway.
const WORTH_COMPRESSING: usize = 1024;

/// One endpoint, and the connection to it.
///
/// ```
/// use std::time::{Duration, Instant};
/// use anytrace_recorder::{Loss, http::Client};
/// # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let endpoint = format!("http://{}/spans", server.local_addr()?);
/// # std::thread::spawn(move || {
/// #     use std::io::{Read, Write};
/// #     let (mut stream, _) = server.accept().unwrap();
/// #     let _ = stream.read(&mut [0; 1024]);
/// #     stream.write_all(b"HTTP/1.1 503 x\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy").unwrap();
/// # });
///
/// let mut client = Client::builder(endpoint, "text/plain").build()?;
/// let failure = client.post(b"load", Instant::now() + Duration::from_secs(60)).unwrap_err();
/// assert_eq!((failure.loss(), failure.to_string().as_str()), (Loss::ServerError, "the server answered 503: busy"));
///
/// let answer = failure.answer().unwrap();
/// assert_eq!((answer.status(), answer.retry_after()), (503, Some(Duration::from_secs(7))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Client {
    agent: Agent,
    target: Target,
    /// The last exchange went well, and its connection may be used again: it may have gone stale since.
    has_connection: bool,
}

/// What a [`Builder`] has checked.
pub(super) struct Target {
    pub(super) endpoint: Uri,
    pub(super) headers: HeaderMap,
    pub(super) content_type: HeaderValue,
    pub(super) compress: bool,
    /// How many bytes of an answer are read, where they matter.
    pub(super) whole_answers: Option<usize>,
}

impl Client {
    /// One that posts messages of `content_type` to `endpoint`: a URL of `http`, or, with the feature `tls`, of `https`. A
    /// user and password in it become an `authorization` header.
    pub fn builder(endpoint: impl Into<String>, content_type: &'static str) -> Builder {
        Builder::new(endpoint.into(), content_type)
    }

    pub(super) fn new(target: Target, user_agent: &str) -> Self {
        let agent = Agent::config_builder()
            .user_agent(user_agent)
            .http_status_as_error(false)
            // Spans go where they were told to go: neither a redirect nor the environment sends them elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .new_agent();
        Client { agent, target, has_connection: false }
    }

    /// Sends `message`, and waits for the answer until `deadline`. `Ok` is one of 2xx.
    ///
    /// # Errors
    ///
    /// Everything else: see [`Loss`].
    pub fn post(&mut self, message: &[u8], deadline: Instant) -> Result<Answer, Failure> {
        let compressed;
        let (body, is_compressed) = if self.target.compress && message.len() >= WORTH_COMPRESSING {
            compressed = gzip(message);
            (compressed.as_slice(), true)
        } else {
            (message, false)
        };
        let may_be_stale = std::mem::replace(&mut self.has_connection, false);
        let mut result = self.exchange(body, is_compressed, deadline);
        if may_be_stale && matches!(&result, Err(failure) if failure.loss() == Loss::Disconnected) {
            result = self.exchange(body, is_compressed, deadline);
        }
        // Any answer is one of a connection that works.
        self.has_connection = result.as_ref().map_or_else(|failure| failure.answer().is_some(), |_| true);
        result
    }

    fn exchange(&self, body: &[u8], is_compressed: bool, deadline: Instant) -> Result<Answer, Failure> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::said(Loss::Timeout, String::new()));
        }
        let mut request = self.agent.post(&self.target.endpoint);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.target.headers.clone());
        }
        request = request.header(header::CONTENT_TYPE, &self.target.content_type);
        if is_compressed {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        let idle_body = self.target.whole_answers.is_none().then_some(IDLE_BODY_TIMEOUT);
        let config = request.config().timeout_global(Some(left)).timeout_recv_body(idle_body);
        let mut response = config.build().send(body)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let most = self.target.whole_answers.filter(|_| status.is_success());
        let mut body = Vec::new();
        // Read to its end it leaves the connection free for the next.
        let read = most.map_or(IDLE_BODY, |most| most.saturating_add(1));
        let end = response.body_mut().as_reader().take(read as u64).read_to_end(&mut body);
        if let Some(most) = most {
            end.map_err(broken_off)?;
            if body.len() > most {
                return Err(Failure::said(Loss::BadAnswer, format!("it has more than {most} bytes")));
            }
        }
        let answer = Answer::new(status.as_u16(), headers, body);
        if status.is_success() { Ok(answer) } else { Err(Failure::answered(answer)) }
    }
}

/// The server has said that it took the message, but not what else it had to say.
fn broken_off(error: io::Error) -> Failure {
    let text = error.to_string();
    let why = error.downcast::<ureq::Error>().unwrap_or_else(ureq::Error::from);
    match Failure::from(why) {
        timeout if timeout.loss() == Loss::Timeout => timeout,
        _ => Failure::said(Loss::BadAnswer, text),
    }
}

/// As fast as can be: most of what can be gained is names that repeat.
fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(message.len() / 4), Compression::fast());
    // Writing to a `Vec` does not fail.
    let _ = encoder.write_all(message);
    encoder.finish().unwrap_or_default()
}

/// Without the endpoint and the headers, which may hold secrets.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
