//! What both protocols do.

use std::time::Instant;

use crate::{failure::Failure, response::Response};

/// OTLP requires clients to limit what they read of an answer.
pub(crate) const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// One server, by one protocol.
pub(crate) trait Transport: Send {
    /// One attempt with an encoded request, which has until `deadline`.
    fn send(&mut self, message: &[u8], deadline: Instant) -> Result<Response, Failure>;

    /// There is nothing to send.
    fn idle(&mut self) {}
}
