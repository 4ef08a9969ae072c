//! How an operation went.

use crate::model::Value;

/// How a span's operation went, where that is known. `Ok` is final; an error is replaced by a later one, unless only the
/// earlier one says why.
///
/// ```
/// use anytrace_api::{SpanRef, Status};
///
/// SpanRef::default().set_status(Status::error("no such user"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Status<'a> {
    /// It went well, and whoever says so knows.
    Ok,
    /// It failed, with a description, perhaps [`Value::Absent`].
    Error(Value<'a>),
}

impl<'a> Status<'a> {
    /// A failure that says why.
    pub fn error(description: impl Into<Value<'a>>) -> Self {
        Status::Error(description.into())
    }

    /// A failure without a word.
    pub const fn failed() -> Self {
        Status::Error(Value::Absent)
    }
}
