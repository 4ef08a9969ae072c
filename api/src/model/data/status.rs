//! The status of a span.

use crate::model::Value;

/// The outcome of a span's operation. Without a status, the outcome is unknown or unremarkable.
///
/// A status replaces an earlier one, with two exceptions: `Ok` is final, and an error without a description does not
/// replace an error with one. `Ok` is final in OpenTelemetry too (see [Set Status]).
///
/// ```
/// use anytrace_api::{SpanRef, Status};
///
/// SpanRef::default().set_status(Status::error("no such user"));
/// ```
///
/// [Set Status]: https://opentelemetry.io/docs/specs/otel/trace/api/#set-status
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Status<'a> {
    /// The operation succeeded, as the application itself has verified. Instrumentation libraries leave the status
    /// unset instead.
    Ok,
    /// The operation failed. The value is a description, or [`Value::Absent`].
    Error(Value<'a>),
}

impl<'a> Status<'a> {
    /// Creates an error status with a description.
    pub fn error(description: impl Into<Value<'a>>) -> Self {
        Status::Error(description.into())
    }

    /// Creates an error status without a description.
    pub const fn failed() -> Self {
        Status::Error(Value::Absent)
    }
}
