//! Where every span went.

use std::fmt;

use anytrace_api::flush::Dropped;

/// Why a span was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    QueueFull,
    AfterShutdown,
    Discarded,
    ShutdownTimeout,
    Panicked,
}

impl Reason {
    pub(crate) const ALL: [Reason; 5] = [
        Reason::QueueFull,
        Reason::AfterShutdown,
        Reason::Discarded,
        Reason::ShutdownTimeout,
        Reason::Panicked,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Reason::QueueFull => "queue full",
            Reason::AfterShutdown => "after shutdown",
            Reason::Discarded => "discarded",
            Reason::ShutdownTimeout => "shutdown timeout",
            Reason::Panicked => "recorder panicked",
        }
    }
}

/// Where every recorded span of a tracer went, since it was made. At all times, exactly:
/// `started = delivered + dropped + queued + open`.
///
/// ```
/// use anytrace_api::TracerExt;
/// use anytrace_recorder::MockTracer;
///
/// let mock = MockTracer::new();
/// let open = mock.start_trace("open");
/// mock.start_trace("finished").finish();
/// mock.start_trace("discarded").discard();
///
/// let stats = mock.stats();
/// assert_eq!((stats.started, stats.open), (3, 1));
/// assert_eq!(stats.delivered + stats.queued, 1);
/// assert_eq!(stats.dropped.of("discarded"), 1);
/// # drop(open);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Recorded spans that started.
    pub started: u64,
    /// Spans that the recorder took.
    pub delivered: u64,
    /// Spans that were lost, by reason: `queue full`, `after shutdown`, `discarded`, `shutdown timeout`,
    /// `recorder panicked`, and what the recorder names.
    pub dropped: Dropped,
    /// Spans that have finished and wait, or are on their way.
    pub queued: u64,
    /// Spans that have not finished.
    pub open: u64,
    /// Things that references said after the end of their span: not part of the sum.
    pub late: u64,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "started {}, delivered {}, dropped {}",
            self.started,
            self.delivered,
            self.dropped.total()
        )?;
        if self.dropped.total() > 0 {
            write!(f, " ({})", self.dropped)?;
        }
        write!(f, ", queued {}, open {}", self.queued, self.open)?;
        if self.late > 0 {
            write!(f, ", said too late {}", self.late)?;
        }
        Ok(())
    }
}

/// What the collector knows.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) delivered: u64,
    pub(crate) dropped: Dropped,
    /// Taken from the threads' buffers and not yet delivered or lost.
    pub(crate) in_flight: u64,
    /// What threads that are gone left behind.
    pub(crate) started_by_the_gone: u64,
    pub(crate) finished_by_the_gone: u64,
    /// What the last answer to a flush or shutdown reported.
    pub(crate) told_delivered: u64,
    pub(crate) told_dropped: Dropped,
}
