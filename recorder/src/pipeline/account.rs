//! The account of all spans of a tracer.

use std::fmt;

use anytrace_api::flush::{DropReason, Dropped};

/// A drop reason that each shard counts, as an index.
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
}

impl From<Reason> for DropReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::QueueFull => DropReason::QueueFull,
            Reason::AfterShutdown => DropReason::AfterShutdown,
            Reason::Discarded => DropReason::Discarded,
            Reason::ShutdownTimeout => DropReason::ShutdownTimeout,
            Reason::Panicked => DropReason::RecorderPanicked,
        }
    }
}

/// Counts of a tracer's recorded spans since it was built. At all times, exactly:
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
    /// Recorded spans that were started.
    pub started: u64,
    /// Spans that the recorder reported as delivered.
    pub delivered: u64,
    /// Dropped spans, by reason: `queue full`, `after shutdown`, `discarded`, `shutdown timeout`,
    /// `recorder panicked`, `not accounted for` and the reasons of the recorder.
    pub dropped: Dropped,
    /// Ended spans that wait in a queue or are being delivered.
    pub queued: u64,
    /// Live spans.
    pub open: u64,
    /// Writes through references to spans that had ended. They are ignored and are not part of the sum.
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
            write!(f, ", late {}", self.late)?;
        }
        Ok(())
    }
}

/// The part of the account that the collector writes. The counts of live threads are in their shards.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) delivered: u64,
    pub(crate) dropped: Dropped,
    /// Spans that were fetched from the queues and are neither delivered nor dropped yet.
    pub(crate) in_flight: u64,
    /// Counts of the shards whose threads have ended.
    pub(crate) started_on_ended_threads: u64,
    pub(crate) finished_on_ended_threads: u64,
    /// The totals at the end of the last flush or shutdown.
    pub(crate) reported_delivered: u64,
    pub(crate) reported_dropped: Dropped,
}
