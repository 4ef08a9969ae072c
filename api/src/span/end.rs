//! How a span ends.

use std::time::SystemTime;

/// When and how a span ended, as its back end is told.
///
/// ```
/// use anytrace_api::{End, Ending};
///
/// assert_eq!(End::new(Ending::Dropped).at, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct End {
    /// When; now, if it is not said. Never before the start: a back end raises it.
    pub at: Option<SystemTime>,
    /// How.
    pub how: Ending,
}

impl End {
    /// An end now.
    pub const fn new(how: Ending) -> Self {
        End { at: None, how }
    }

    /// An end at another time.
    pub const fn at(self, time: SystemTime) -> Self {
        End { at: Some(time), ..self }
    }
}

/// How a span came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Ending {
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

impl Ending {
    /// In lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Ending::Finished => "finished",
            Ending::Dropped => "dropped",
            Ending::Panicked => "panicked",
            Ending::Cancelled => "cancelled",
            Ending::Discarded => "discarded",
        }
    }
}
