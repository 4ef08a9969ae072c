//! The error of a change to the baggage of the current request.

use std::{error::Error, fmt};

use crate::model::LimitError;

/// An error that explains why the baggage of the current request was not changed.
///
/// ```
/// let error = anytrace_api::set_baggage("tenant", "acme").unwrap_err();
/// assert_eq!(error.to_string(), "baggage not changed: the current request has no shared baggage");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageError {
    /// The key is not valid, or the change would exceed a limit of [`Baggage`](crate::Baggage).
    Limit(LimitError),
    /// The request has no shared baggage, so no later span would see the change. A server layer creates shared
    /// baggage with [`StartedSpan::share_baggage`](crate::StartedSpan::share_baggage).
    NotShared,
}

impl fmt::Display for BaggageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaggageError::Limit(error) => error.fmt(f),
            BaggageError::NotShared => {
                f.write_str("baggage not changed: the current request has no shared baggage")
            }
        }
    }
}

impl Error for BaggageError {}
