//! The interface of both protocols.

use std::time::Instant;

use crate::{failure::Failure, response::Response};

/// The limit for a response. OTLP requires clients to have one.
pub(crate) const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

/// A connection to one server with one protocol.
pub(crate) trait Transport: Send {
    /// Makes one attempt to send an encoded request and waits for the response until `deadline`.
    fn send(&mut self, message: &[u8], deadline: Instant) -> Result<Response, Failure>;

    /// Does periodic work while there is nothing to send.
    fn idle(&mut self) {}
}
