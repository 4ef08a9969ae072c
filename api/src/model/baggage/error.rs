//! The error of changing the baggage of a request.

use std::{error::Error, fmt};

use crate::model::LimitError;

/// An error that explains why the baggage of the current request was not changed.
///
/// ```
/// let error = anytrace_api::set_baggage("tenant", "acme").unwrap_err();
/// assert_eq!(error.to_string(), "no shared baggage here: no later span would see the change");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageError {
    /// The key or value cannot be carried, or a limit of the W3C baggage format is exceeded.
    Limit(LimitError),
    /// The request has no shared baggage, so that no later span would see the change. A server layer creates it with
    /// `StartedSpan::share_baggage`.
    NotShared,
}

impl fmt::Display for BaggageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaggageError::Limit(error) => error.fmt(f),
            BaggageError::NotShared => {
                f.write_str("no shared baggage here: no later span would see the change")
            }
        }
    }
}

impl Error for BaggageError {}
