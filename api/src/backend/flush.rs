//! The result of a flush or shutdown.

use std::{error::Error, fmt};

use super::{drop_reason::DropReason, export_error::ExportError};

/// The function that a backend calls once when a flush or shutdown is over. See
/// [`Tracer::flush`](crate::backend::Tracer::flush).
pub type Done = Box<dyn FnOnce(Flushed) + Send>;

/// The result of a flush or shutdown. `Err` can accompany delivered spans, and `Ok` does not rule out earlier drops.
///
/// ```
/// use anytrace_api::flush::{DropReason, Flushed};
///
/// let mut flushed = Flushed::default();
/// flushed.delivered = 2;
/// flushed.dropped.add(DropReason::QueueFull, 1);
/// assert_eq!(flushed.to_string(), "2 delivered, 1 dropped (queue full 1), 0 queued");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the result says whether spans were dropped"]
#[non_exhaustive]
pub struct Flushed {
    /// `Err` if the operation did not complete before its deadline, or with the first error since the previous result.
    pub result: Result<(), FlushError>,
    /// The number of spans delivered since the previous result.
    pub delivered: u64,
    /// The numbers of spans dropped since the previous result, by reason.
    pub dropped: Dropped,
    /// The number of spans that are still in the queue.
    pub queued: u64,
}

/// A success without any spans.
impl Default for Flushed {
    fn default() -> Self {
        Flushed { result: Ok(()), delivered: 0, dropped: Dropped::default(), queued: 0 }
    }
}

impl Flushed {
    /// Creates the result of an operation that failed, with all numbers 0.
    pub fn failed(error: FlushError) -> Self {
        Flushed { result: Err(error), ..Self::default() }
    }
}

impl fmt::Display for Flushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Err(error) = &self.result {
            write!(f, "{error}: ")?;
        }
        write!(f, "{} delivered, {} dropped", self.delivered, self.dropped.total())?;
        if self.dropped.total() > 0 {
            write!(f, " ({})", self.dropped)?;
        }
        write!(f, ", {} queued", self.queued)
    }
}

/// The error of a flush or shutdown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushError {
    /// The deadline passed first.
    TimedOut,
    /// Spans could not be exported.
    Failed(ExportError),
    /// The tracer had been shut down before.
    ShutDown,
    /// The backend dropped its callback without calling it.
    Unanswered,
}

impl fmt::Display for FlushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlushError::TimedOut => f.write_str("timed out"),
            FlushError::Failed(error) => write!(f, "failed: {error}"),
            FlushError::ShutDown => f.write_str("the tracer was shut down before"),
            FlushError::Unanswered => f.write_str("the backend reported no result"),
        }
    }
}

impl Error for FlushError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FlushError::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ExportError> for FlushError {
    fn from(error: ExportError) -> Self {
        FlushError::Failed(error)
    }
}

/// The numbers of dropped spans, by reason.
///
/// ```
/// use anytrace_api::flush::{DropReason, Dropped};
///
/// let mut dropped = Dropped::default();
/// dropped.add(DropReason::QueueFull, 2);
/// dropped.add("queue full", 1);
/// assert_eq!((dropped.of(DropReason::QueueFull), dropped.of(DropReason::Timeout), dropped.total()), (3, 0, 3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped(Vec<(DropReason, u64)>);

impl Dropped {
    /// Adds `spans` dropped spans with the reason.
    pub fn add(&mut self, reason: impl Into<DropReason>, spans: u64) {
        if spans == 0 {
            return;
        }
        let reason = reason.into().normalized();
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += spans,
            None => self.0.push((reason, spans)),
        }
    }

    /// Returns the number of spans dropped for the reason.
    pub fn of(&self, reason: impl Into<DropReason>) -> u64 {
        let reason = reason.into().normalized();
        self.0.iter().find(|(known, _)| *known == reason).map_or(0, |(_, count)| *count)
    }

    /// Returns the number of dropped spans.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Returns each reason and its number of spans, in the order in which the reasons first occurred.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (reason, count)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{reason} {count}")?;
        }
        Ok(())
    }
}
