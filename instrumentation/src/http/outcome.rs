//! How requests went.

use std::{any::type_name, fmt::Display};

use anytrace_api::{
    Event, SpanRef, Status, Value,
    keys::{self, opentracing},
    tags,
};
use http::{HeaderMap, StatusCode};

use crate::{ResponseHead, Vocabulary};

/// Which side of a request looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Server,
    Client,
}

impl Side {
    /// Status codes from 400 are the client's failure, those from 500 everybody's.
    fn failed(self, status: StatusCode) -> bool {
        status.is_server_error() || self == Side::Client && status.is_client_error()
    }

    /// The same with the codes of gRPC, by the semantic conventions.
    fn failed_grpc(self, code: &str) -> bool {
        match self {
            Side::Client => code != "OK",
            Side::Server => matches!(
                code,
                "UNKNOWN" | "DEADLINE_EXCEEDED" | "UNIMPLEMENTED" | "INTERNAL" | "UNAVAILABLE" | "DATA_LOSS"
            ),
        }
    }
}

pub(crate) fn answered(span: &SpanRef, response: &ResponseHead<'_>, side: Side, vocabulary: Vocabulary) {
    if !span.is_recording() {
        return;
    }
    let status = response.status();
    span.set_tags(&tags! {
        keys::HTTP_RESPONSE_STATUS_CODE => vocabulary.has_semconv().then_some(status.as_u16()),
        opentracing::HTTP_STATUS_CODE => vocabulary.has_open_tracing().then_some(status.as_u16()),
    });
    if side.failed(status) {
        set_failed(span, status.as_str().into(), vocabulary, Status::failed());
    }
    // The reply of a call that failed before it had a body.
    grpc(span, response.headers(), side, vocabulary);
}

/// What the headers or trailers of a gRPC reply say.
pub(crate) fn grpc(span: &SpanRef, headers: &HeaderMap, side: Side, vocabulary: Vocabulary) {
    let Some(code) = headers.get("grpc-status").and_then(|code| code.to_str().ok()) else { return };
    let name = code.parse().ok().and_then(|code: usize| GRPC.get(code)).copied().unwrap_or("UNKNOWN");
    span.set_tag(keys::RPC_STATUS_CODE, Value::literal(name));
    if side.failed_grpc(name) {
        set_failed(span, Value::literal(name), vocabulary, Status::failed());
    }
}

/// By number.
const GRPC: [&str; 17] = [
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

/// An error of a handler, a body or a transport.
pub(crate) fn fail<E: Display + ?Sized>(span: &SpanRef, error: &E, vocabulary: Vocabulary) {
    if !span.is_recording() {
        return;
    }
    let kind = error_type::<E>();
    if vocabulary.has_semconv() {
        span.record_error(error);
    } else {
        let message = error.to_string();
        let tags = tags! { "event" => "error", "error.kind" => Value::literal(kind), "message" => &message };
        span.event_with(Event::new("error").tags(&tags)).set_status(Status::error(&message));
    }
    set_failed_tags(span, Value::literal(kind), vocabulary);
}

/// The type, where it says anything.
fn error_type<E: ?Sized>() -> &'static str {
    match type_name::<E>() {
        "str" | "alloc::string::String" => "_OTHER",
        name if name.contains("dyn ") => "_OTHER",
        name => name,
    }
}

/// A failure that has a word for it, and no error.
pub(crate) fn set_failed(span: &SpanRef, kind: Value<'_>, vocabulary: Vocabulary, status: Status<'_>) {
    set_failed_tags(span, kind, vocabulary);
    span.set_status(status);
}

fn set_failed_tags(span: &SpanRef, kind: Value<'_>, vocabulary: Vocabulary) {
    span.set_tags(&tags! {
        keys::ERROR_TYPE => if vocabulary.has_semconv() { kind } else { Value::Absent },
        opentracing::ERROR => vocabulary.has_open_tracing().then_some(true),
    });
}
