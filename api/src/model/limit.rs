//! The one error of everything that is bounded.

use std::{error::Error, fmt};

use crate::model::rejected::Rejected;

/// A trace state or baggage entry was refused: it would not survive the wire.
///
/// ```
/// use anytrace_api::{Baggage, LimitKind};
///
/// let error = Baggage::new().insert("no token", "value").unwrap_err();
/// assert_eq!(error.kind(), LimitKind::Key);
/// assert_eq!(error.to_string(), r#"baggage: the key is not valid: "no token""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitError {
    what: &'static str,
    kind: LimitKind,
    rejected: Rejected,
}

/// Which limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// The key is empty, too long or has characters that the format cannot carry.
    Key,
    /// The value is too long or has characters that the format cannot carry.
    Value,
    /// There are as many entries as may be.
    Entries,
    /// All entries together are as long as may be.
    Bytes,
    /// A baggage that many share was changed as often as may be.
    Changes,
}

impl LimitError {
    pub(crate) fn new(what: &'static str, kind: LimitKind, rejected: &str) -> Self {
        LimitError { what, kind, rejected: Rejected::new(rejected.as_bytes()) }
    }

    /// Which limit it was.
    pub fn kind(&self) -> LimitKind {
        self.kind
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            LimitKind::Key => "the key is not valid",
            LimitKind::Value => "the value is not valid",
            LimitKind::Entries => "too many entries",
            LimitKind::Bytes => "too many bytes",
            LimitKind::Changes => "changed too often",
        };
        write!(f, "{}: {why}: {}", self.what, self.rejected)
    }
}

impl Error for LimitError {}
