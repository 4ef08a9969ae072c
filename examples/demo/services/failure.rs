//! The error responses of handlers.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// An error response: a status and a reason.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    reason: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, reason: impl fmt::Display) -> Self {
        Failure { status, reason: reason.to_string() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // The server span of the request is current here.
        anytrace_api::record_error(&self);
        (self.status, self.reason).into_response()
    }
}
