//! The end of a span.

use std::time::SystemTime;

/// When and why a span ended, as passed to [`Span::finish`](super::Span::finish).
///
/// ```
/// use anytrace_api::{EndReason, backend::End};
///
/// assert_eq!(End::new(EndReason::Dropped).at, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct End {
    /// The end time. `None` means now. A time before the start counts as the start.
    pub at: Option<SystemTime>,
    /// Why the span ended.
    pub reason: EndReason,
}

impl End {
    /// Creates an end now.
    pub const fn new(reason: EndReason) -> Self {
        End { at: None, reason }
    }

    /// Returns the same end at another time.
    ///
    /// ```
    /// use anytrace_api::{EndReason, backend::End};
    /// use std::time::SystemTime;
    ///
    /// let end = End::new(EndReason::Finished).at(SystemTime::UNIX_EPOCH);
    /// assert_eq!(end.at, Some(SystemTime::UNIX_EPOCH));
    /// ```
    pub const fn at(self, time: SystemTime) -> Self {
        End { at: Some(time), ..self }
    }
}

/// Why a span ended.
///
/// ```
/// use anytrace_api::EndReason;
///
/// assert_eq!(EndReason::Cancelled.as_str(), "cancelled");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum EndReason {
    /// The owner finished the span.
    Finished,
    /// The owner was dropped.
    Dropped,
    /// The owner was dropped while its thread panicked.
    Panicked,
    /// The future, stream or body that owned the span was dropped before its end.
    Cancelled,
    /// The owner discarded the span: the backend counts it and does not record it.
    Discarded,
}

impl EndReason {
    /// The tag key under which backends record an end reason other than `Finished`: `anytrace.end_reason`.
    pub const KEY: &'static str = "anytrace.end_reason";

    /// Returns the reason in lower case, as exported.
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
