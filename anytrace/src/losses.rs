//! What there is to say at the end about spans that did not arrive.

use std::{
    fmt,
    io::{self, Write},
};

use anytrace_api::flush::{Dropped, FlushError, Flushed};
use anytrace_recorder::Stats;

/// Spans that were not delivered while the application ran: what [`Builder::on_losses`](crate::Builder::on_losses) is given, with
/// an example.
///
/// What the application discarded itself is none of them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Losses {
    /// The service whose spans they are.
    pub service: String,
    /// How many, by reason: those of [`Stats::dropped`], and `queued` for those whose delivery had not come to its end when
    /// time was over.
    pub dropped: Dropped,
    /// Spans that were recorded in all.
    pub started: u64,
    /// What went wrong last, when the tracer was shut down.
    pub error: Option<FlushError>,
}

impl Losses {
    /// None where all were delivered.
    pub(crate) fn of(service: &str, stats: &Stats, flushed: Flushed) -> Option<Self> {
        let mut dropped = Dropped::default();
        for (reason, spans) in stats.dropped.iter().filter(|(reason, _)| *reason != "discarded") {
            dropped.add(reason, spans);
        }
        dropped.add("queued", stats.queued);
        let (service, started, error) = (service.to_owned(), stats.started, flushed.result.err());
        (dropped.total() > 0).then_some(Losses { service, dropped, started, error })
    }

    /// One line on standard error; if that is closed, nobody wants it.
    pub(crate) fn tell(&self) {
        let _ = writeln!(io::stderr(), "anytrace: {self}");
    }
}

/// In one line.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lost, dropped, started) = (self.dropped.total(), &self.dropped, self.started);
        let service = self.service.escape_debug();
        write!(f, "{lost} of {started} spans of {service} were not delivered ({dropped})")?;
        match &self.error {
            Some(FlushError::Failed(why)) => write!(f, ": {why}"),
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}
