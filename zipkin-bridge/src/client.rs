//! Messages to a Zipkin server.

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use ureq::{
    Agent,
    http::{HeaderMap, Uri, header},
};

use crate::failure::Failure;

/// So much of an answer is read; the rest is left with the connection, which is not used again.
const MOST_READ: u64 = 64 * 1024;

/// How long an answer's body may take once its status is known: nothing depends on it.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);

/// Shorter messages are not compressed: they fit into one packet anyway.
const WORTH_COMPRESSING: usize = 1024;

/// One server, and the connection to it.
pub(crate) struct Client {
    agent: Agent,
    endpoint: Uri,
    headers: HeaderMap,
    compress: bool,
    /// The last exchange went well, and its connection may be used again: it may have gone stale since.
    has_connection: bool,
}

impl Client {
    pub(crate) fn new(endpoint: Uri, headers: HeaderMap, compress: bool) -> Self {
        let agent = Agent::config_builder()
            .user_agent(concat!("anytrace-zipkin/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            // Spans go where they were told to go: neither a redirect nor the environment sends them elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .new_agent();
        Client { agent, endpoint, headers, compress, has_connection: false }
    }

    /// Sends one list of spans. `Ok` is an answer of 2xx.
    ///
    /// Nothing is sent again, but for one case: a server may close a connection between two messages, which shows only
    /// when the next is sent. Should it have read that message after all, Zipkin merges what it gets twice.
    pub(crate) fn post(&mut self, json: &[u8], deadline: Instant) -> Result<(), Failure> {
        let compressed;
        let (body, is_compressed) = if self.compress && json.len() >= WORTH_COMPRESSING {
            compressed = gzip(json);
            (compressed.as_slice(), true)
        } else {
            (json, false)
        };
        let may_be_stale = std::mem::replace(&mut self.has_connection, false);
        let mut result = self.exchange(body, is_compressed, deadline);
        if may_be_stale && matches!(result, Err(Failure::Disconnected(_))) {
            result = self.exchange(body, is_compressed, deadline);
        }
        // Any answer is one of a connection that works.
        self.has_connection = matches!(result, Ok(()) | Err(Failure::Status(..)));
        result
    }

    fn exchange(&self, body: &[u8], is_compressed: bool, deadline: Instant) -> Result<(), Failure> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::Timeout);
        }
        let mut request = self.agent.post(&self.endpoint);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.headers.clone());
        }
        request = request.header(header::CONTENT_TYPE, "application/json");
        if is_compressed {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        let config = request.config().timeout_global(Some(left)).timeout_recv_body(Some(BODY_TIMEOUT));
        let mut response = config.build().send(body)?;
        let status = response.status();
        let mut answer = Vec::new();
        // Whatever comes of it, the status has been said. Read to its end it leaves the connection free for the next.
        let _ = response.body_mut().as_reader().take(MOST_READ).read_to_end(&mut answer);
        if status.is_success() { Ok(()) } else { Err(Failure::Status(status.as_u16(), answer)) }
    }
}

/// As fast as can be: most of what can be gained is names that repeat.
fn gzip(json: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::fast());
    // Writing to a `Vec` does not fail.
    let _ = encoder.write_all(json);
    encoder.finish().unwrap_or_default()
}
