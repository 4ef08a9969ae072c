//! The two sides of a request.

use http::StatusCode;

/// The side of a request that a span describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Server,
    Client,
}

impl Side {
    /// Returns true if the status code is an error: from 500 on both sides, and from 400 on the client.
    pub(super) fn is_failure(self, status: StatusCode) -> bool {
        status.is_server_error() || self == Side::Client && status.is_client_error()
    }
}
