//! Replaces the error of the API, whose constructor is private.

use anytrace_api::errors::LimitKind;

/// Something is over a limit.
#[derive(Debug)]
pub(crate) struct LimitError;

impl LimitError {
    pub(crate) fn new(_: &'static str, _: LimitKind, _: &str) -> Self {
        LimitError
    }
}
