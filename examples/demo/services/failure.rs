//! What a handler answers when it cannot.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// A status, and why.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    why: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, why: impl fmt::Display) -> Self {
        Failure { status, why: why.to_string() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // On the span of the request, which is current here.
        anytrace_api::record_error(&self);
        (self.status, self.why).into_response()
    }
}
