//! The error of baggage and trace state entries that are not valid or exceed a limit.

use std::{error::Error, fmt};

use crate::model::rejected::Rejected;

/// The error of adding an entry to a [`Baggage`](crate::Baggage) or [`TraceState`](crate::data::TraceState): the wire
/// format cannot represent the entry, or the entry exceeds a limit. The collection is unchanged.
///
/// The message contains at most 64 bytes of the rejected key or value, escaped.
///
/// ```
/// use anytrace_api::{Baggage, errors::LimitKind};
///
/// let error = Baggage::new().insert("no token", "value").unwrap_err();
/// assert_eq!(error.kind(), LimitKind::Key);
/// assert_eq!(error.to_string(), r#"baggage key is not valid: "no token""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitError {
    collection: &'static str,
    kind: LimitKind,
    rejected: Rejected,
}

/// The limit or rule that an entry violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// The key is empty, too long or contains characters that the format does not allow.
    Key,
    /// The value is too long or contains characters that the format does not allow.
    Value,
    /// The maximum number of entries is reached: 64 in a baggage.
    Entries,
    /// The entries would exceed their maximum total length: 8,192 bytes in a baggage.
    Bytes,
    /// The maximum number of changes to a shared baggage is reached: 256 per request.
    Changes,
}

impl LimitError {
    /// Creates the error of `collection`, such as `baggage`, for the key or value that was rejected.
    pub(crate) fn new(collection: &'static str, kind: LimitKind, rejected: &str) -> Self {
        LimitError { collection, kind, rejected: Rejected::new(rejected.as_bytes()) }
    }

    /// Returns the limit or rule that the entry violates.
    pub fn kind(&self) -> LimitKind {
        self.kind
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.kind {
            LimitKind::Key => "key is not valid",
            LimitKind::Value => "value is not valid",
            LimitKind::Entries => "has too many entries",
            LimitKind::Bytes => "is too long",
            LimitKind::Changes => "was changed too often",
        };
        write!(f, "{} {problem}: {}", self.collection, self.rejected)
    }
}

impl Error for LimitError {}
