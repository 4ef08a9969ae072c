//! Records responses and errors on the spans of requests.

use std::{any::type_name, fmt::Display};

use anytrace_api::{
    Event, SpanRef, Status, Value,
    keys::{self, opentracing},
    tags,
};
use http::HeaderMap;

use super::{grpc_status, side::Side};
use crate::{ResponseHead, SemanticConventions};

/// Records the status code of a response, and its `grpc-status`.
pub(crate) fn record_response(
    span: &SpanRef,
    response: &ResponseHead<'_>,
    side: Side,
    conventions: SemanticConventions,
) {
    if !span.is_recording() {
        return;
    }
    let status = response.status();
    span.set_tags(&tags! {
        keys::HTTP_RESPONSE_STATUS_CODE => conventions.has_open_telemetry().then_some(status.as_u16()),
        opentracing::HTTP_STATUS_CODE => conventions.has_open_tracing().then_some(status.as_u16()),
    });
    if side.is_failure(status) {
        set_failed(span, status.as_str().into(), conventions, Status::failed());
    }
    // A gRPC call that fails before its first message has the status in the headers.
    record_grpc_status(span, response.headers(), side, conventions);
}

/// Records the `grpc-status` of `headers`, which are the headers or the trailers of a response.
pub(crate) fn record_grpc_status(
    span: &SpanRef,
    headers: &HeaderMap,
    side: Side,
    conventions: SemanticConventions,
) {
    let Some(name) = grpc_status::name(headers) else { return };
    span.set_tag(keys::RPC_STATUS_CODE, Value::literal(name));
    if grpc_status::is_failure(name, side) {
        set_failed(span, Value::literal(name), conventions, Status::failed());
    }
}

/// Records an error of a handler, a body or a transport.
pub(crate) fn record_error<E: Display + ?Sized>(span: &SpanRef, error: &E, conventions: SemanticConventions) {
    if !span.is_recording() {
        return;
    }
    let kind = error_type::<E>();
    if conventions.has_open_telemetry() {
        span.record_error(error);
    } else {
        let message = error.to_string();
        let tags = tags! { "event" => "error", "error.kind" => Value::literal(kind), "message" => &message };
        span.event_with(Event::new("error").tags(&tags)).set_status(Status::error(&message));
    }
    set_failure_tags(span, Value::literal(kind), conventions);
}

/// Returns the name of the error's type, or `_OTHER` for types that do not identify an error.
fn error_type<E: ?Sized>() -> &'static str {
    match type_name::<E>() {
        "str" | "alloc::string::String" => "_OTHER",
        name if name.contains("dyn ") => "_OTHER",
        name => name,
    }
}

/// Marks the span as failed for a reason that is not an error value, such as a status code or a cancellation.
pub(crate) fn set_failed(
    span: &SpanRef,
    kind: Value<'_>,
    conventions: SemanticConventions,
    status: Status<'_>,
) {
    set_failure_tags(span, kind, conventions);
    span.set_status(status);
}

fn set_failure_tags(span: &SpanRef, kind: Value<'_>, conventions: SemanticConventions) {
    span.set_tags(&tags! {
        keys::ERROR_TYPE => if conventions.has_open_telemetry() { kind } else { Value::Absent },
        opentracing::ERROR => conventions.has_open_tracing().then_some(true),
    });
}
