//! The result of a flush or shutdown.

use std::{error::Error, fmt};

/// The function that a backend calls once when a flush or shutdown is over. See [`Tracer::flush`](crate::backend::Tracer::flush).
pub type Done = Box<dyn FnOnce(Flushed) + Send>;

/// What a flush or shutdown came to, honestly: an error does not say that nothing was delivered, and none does not
/// say that nothing was lost before.
///
/// ```
/// use anytrace_api::flush::Flushed;
///
/// let mut flushed = Flushed::default();
/// flushed.delivered = 2;
/// flushed.dropped.add("queue full", 1);
/// assert_eq!(flushed.to_string(), "2 delivered, 1 dropped (queue full 1), 0 queued");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says whether spans were lost"]
#[non_exhaustive]
pub struct Flushed {
    /// Whether it came to its end in time, and if so, what went wrong first since the last answer: for it, or before it
    /// while nobody was waiting.
    pub result: Result<(), FlushError>,
    /// Spans that the destination took, since the last answer.
    pub delivered: u64,
    /// Spans that were lost since the last answer, by reason.
    pub dropped: Dropped,
    /// Spans that still wait.
    pub queued: u64,
}

/// All is well and nothing happened.
impl Default for Flushed {
    fn default() -> Self {
        Flushed { result: Ok(()), delivered: 0, dropped: Dropped::default(), queued: 0 }
    }
}

impl Flushed {
    /// The answer of one that could not do it.
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

/// Why a flush or shutdown did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushError {
    /// Time was over first.
    TimedOut,
    /// The destination refused or could not be reached: its words, escaped and cut.
    Failed(String),
    /// It was shut down before.
    ShutDown,
    /// The backend never said how it ended.
    Unanswered,
}

impl fmt::Display for FlushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlushError::TimedOut => f.write_str("timed out"),
            FlushError::Failed(why) => write!(f, "failed: {why}"),
            FlushError::ShutDown => f.write_str("shut down before"),
            FlushError::Unanswered => f.write_str("the backend never answered"),
        }
    }
}

impl Error for FlushError {}

/// Numbers of lost spans, by reason.
///
/// ```
/// let mut dropped = anytrace_api::flush::Dropped::default();
/// dropped.add("queue full", 2);
/// dropped.add("queue full", 1);
/// assert_eq!((dropped.of("queue full"), dropped.of("timeout"), dropped.total()), (3, 0, 3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped(Vec<(&'static str, u64)>);

impl Dropped {
    /// Counts `spans` more for `reason`.
    pub fn add(&mut self, reason: &'static str, spans: u64) {
        if spans == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += spans,
            None => self.0.push((reason, spans)),
        }
    }

    /// How many for `reason`.
    pub fn of(&self, reason: &str) -> u64 {
        self.0.iter().find(|(known, _)| *known == reason).map_or(0, |(_, count)| *count)
    }

    /// How many in all.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Every reason and its number.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
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
