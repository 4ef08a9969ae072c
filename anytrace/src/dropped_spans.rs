//! The report on dropped spans when tracing ends.

use std::{
    fmt,
    io::{self, Write},
};

use anytrace_api::flush::{DropReason, Dropped, FlushError, Flushed};
use anytrace_recorder::Stats;

/// The spans that were not delivered while the application ran. The argument of
/// [`TracingBuilder::on_dropped_spans`](crate::TracingBuilder::on_dropped_spans), which has an example.
///
/// Spans that the application discarded itself are not included.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DroppedSpans {
    /// The name of the service.
    pub service: String,
    /// The numbers of spans by reason: those of [`Stats::dropped`], and [`DropReason::Queued`] for spans that were still
    /// queued or in delivery at the shutdown timeout.
    pub dropped: Dropped,
    /// The number of recorded spans that were started.
    pub started: u64,
    /// The error of the shutdown, if there was one.
    pub error: Option<FlushError>,
}

impl DroppedSpans {
    /// Returns the report, or `None` if all spans were delivered.
    pub(crate) fn new(service: &str, stats: &Stats, flushed: Flushed) -> Option<Self> {
        let mut dropped = Dropped::default();
        for (reason, spans) in stats.dropped.iter().filter(|(reason, _)| *reason != DropReason::Discarded) {
            dropped.add(reason, spans);
        }
        dropped.add(DropReason::Queued, stats.queued);
        let (service, started, error) = (service.to_owned(), stats.started, flushed.result.err());
        (dropped.total() > 0).then_some(DroppedSpans { service, dropped, started, error })
    }

    /// Writes the report to standard error.
    pub(crate) fn print(&self) {
        // A closed standard error is not an error of the application.
        let _ = writeln!(io::stderr(), "anytrace: {self}");
    }
}

/// Formats the report as one line.
impl fmt::Display for DroppedSpans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (total, dropped, started) = (self.dropped.total(), &self.dropped, self.started);
        let service = self.service.escape_debug();
        write!(f, "{total} of {started} spans of {service} were not delivered ({dropped})")?;
        match &self.error {
            Some(FlushError::Failed(error)) => write!(f, ": {error}"),
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}
