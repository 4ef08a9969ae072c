//! The status codes of gRPC.

use http::HeaderMap;

use super::side::Side;

/// Returns the name of the `grpc-status` of `headers`, which are the headers or the trailers of a response. An unknown code
/// is `UNKNOWN`.
pub(super) fn name(headers: &HeaderMap) -> Option<&'static str> {
    let code = headers.get("grpc-status")?.to_str().ok()?;
    Some(code.parse().ok().and_then(|code: usize| NAMES.get(code)).copied().unwrap_or("UNKNOWN"))
}

/// Returns true if the semantic conventions count the code as an error on this side.
pub(super) fn is_failure(name: &str, side: Side) -> bool {
    match side {
        Side::Client => name != "OK",
        Side::Server => matches!(
            name,
            "UNKNOWN" | "DEADLINE_EXCEEDED" | "UNIMPLEMENTED" | "INTERNAL" | "UNAVAILABLE" | "DATA_LOSS"
        ),
    }
}

/// The names of the status codes, indexed by code.
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
