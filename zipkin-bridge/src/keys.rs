//! Keys that the encoder reads, and does not send as tags: what Zipkin has a field for and a span has not.
//!
//! ```
//! use anytrace_api::{Operation, tags};
//! use anytrace_zipkin_bridge::keys;
//!
//! // A server that knows who called.
//! let tags = tags! { keys::REMOTE_ADDRESS => "198.51.100.7", keys::REMOTE_PORT => 51234 };
//! let operation = Operation::server("GET /users").tags(&tags);
//! # assert_eq!(operation.tags.len(), 2);
//! ```

/// `zipkin.remote.service`: the service at the other end (text). Any of the three outranks what other tags say about
/// the other end, and counts for spans of every kind.
pub const REMOTE_SERVICE: &str = "zipkin.remote.service";

/// `zipkin.remote.address`: its IP address (text).
pub const REMOTE_ADDRESS: &str = "zipkin.remote.address";

/// `zipkin.remote.port`: its port (integer).
pub const REMOTE_PORT: &str = "zipkin.remote.port";

/// `anytrace.end_reason`, which is sent: how a span ended that was not simply finished: `dropped`, `panicked`, `cancelled`.
pub const END_REASON: &str = anytrace_api::EndReason::KEY;

/// Is it one of those that are not tags?
pub(crate) fn is_field(key: &str) -> bool {
    [REMOTE_SERVICE, REMOTE_ADDRESS, REMOTE_PORT].contains(&key)
}
