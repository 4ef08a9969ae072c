//! The status of gRPC calls.

use anytrace_api::{SpanRef, Status, Value, keys};
use http::HeaderMap;

use super::span_status::{Side, set_failed};
use crate::SemanticConventions;

/// Records the `grpc-status` of `headers`, which are the headers or the trailers of a response.
pub(crate) fn record_grpc_status(
    span: &SpanRef,
    headers: &HeaderMap,
    side: Side,
    conventions: SemanticConventions,
) {
    let Some(code) = headers.get("grpc-status").and_then(|code| code.to_str().ok()) else { return };
    let name = code.parse().ok().and_then(|code: usize| NAMES.get(code)).copied().unwrap_or("UNKNOWN");
    span.set_tag(keys::RPC_STATUS_CODE, Value::literal(name));
    if is_failure(name, side) {
        set_failed(span, Value::literal(name), conventions, Status::failed());
    }
}

/// Returns true if the semantic conventions count the code as an error on this side.
fn is_failure(name: &str, side: Side) -> bool {
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
