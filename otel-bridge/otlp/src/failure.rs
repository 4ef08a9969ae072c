//! The failure of one attempt.

use std::time::Duration;

use anytrace_api::flush::{DropReason, ExportError};
use anytrace_recorder::sanitized;

/// The failure of one attempt to send a request, and whether to retry it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: ExportError,
    pub(crate) retry: Retry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// A retry would fail as well, or there is no time left.
    Never,
    /// After the pause of the backoff.
    Backoff,
    /// After the pause that the server asked for.
    After(Duration),
}

impl Failure {
    pub(crate) fn new(error: ExportError, retry: Retry) -> Self {
        Failure { error, retry }
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new(ExportError::new(DropReason::Timeout, message), Retry::Never)
    }

    pub(crate) fn invalid_response(detail: &str) -> Self {
        let message = format!("invalid response: {}", sanitized(detail));
        Self::new(ExportError::new(DropReason::InvalidResponse, message), Retry::Never)
    }
}
