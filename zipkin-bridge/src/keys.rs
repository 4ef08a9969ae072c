//! Tag keys with a special meaning for the encoder: data for which Zipkin has a field and a span does not.
//!
//! ```
//! use anytrace_api::{Operation, tags};
//! use anytrace_zipkin_bridge::keys;
//!
//! // A server that knows the address of its client.
//! let tags = tags! { keys::REMOTE_ADDRESS => "198.51.100.7", keys::REMOTE_PORT => 51234 };
//! let operation = Operation::server("GET /users").tags(&tags);
//! # assert_eq!(operation.tags.len(), 2);
//! ```

/// `zipkin.remote.service`: the name of the remote service (text). The three keys `zipkin.remote.*` override other tags
/// about the remote endpoint, apply to spans of every kind, and are not sent as tags.
pub const REMOTE_SERVICE: &str = "zipkin.remote.service";

/// `zipkin.remote.address`: the IP address of the remote service (text).
pub const REMOTE_ADDRESS: &str = "zipkin.remote.address";

/// `zipkin.remote.port`: the port of the remote service (integer).
pub const REMOTE_PORT: &str = "zipkin.remote.port";

/// `anytrace.end_reason`: the end reason of a span, unless it was finished: `dropped`, `panicked` or `cancelled`. It is
/// sent as a tag.
pub const END_REASON: &str = anytrace_api::EndReason::KEY;

/// Returns whether the key sets a field instead of a tag.
pub(crate) fn is_field(key: &str) -> bool {
    [REMOTE_SERVICE, REMOTE_ADDRESS, REMOTE_PORT].contains(&key)
}
