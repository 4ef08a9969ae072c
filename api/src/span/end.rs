//! How a span ends.

use std::time::SystemTime;

/// When and reason a span ended, as its backend is told.
///
/// ```
/// use anytrace_api::{End, EndReason};
///
/// assert_eq!(End::new(EndReason::Dropped).at, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct End {
    /// When; now, if it is not said. Never before the start: a backend raises it.
    pub at: Option<SystemTime>,
    /// How.
    pub reason: EndReason,
}

impl End {
    /// An end now.
    pub const fn new(reason: EndReason) -> Self {
        End { at: None, reason }
    }

    /// An end at another time.
    pub const fn at(self, time: SystemTime) -> Self {
        End { at: Some(time), ..self }
    }
}

/// How a span came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum EndReason {
    /// Its owner finished it.
    Finished,
    /// Its owner was dropped.
    Dropped,
    /// Its owner was dropped by a panic.
    Panicked,
    /// The future, stream or body that owned it was dropped before its end.
    Cancelled,
    /// Its owner wants it forgotten: it is counted, not recorded.
    Discarded,
}

impl EndReason {
    /// The tag key under which backends record an end reason other than `Finished`: `anytrace.end_reason`.
    pub const KEY: &'static str = "anytrace.end_reason";

    /// In lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            EndReason::Finished => "finished",
            EndReason::Dropped => "dropped",
            EndReason::Panicked => "panicked",
            EndReason::Cancelled => "cancelled",
            EndReason::Discarded => "discarded",
        }
    }
}
