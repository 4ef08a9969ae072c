//! Where finished spans go.

use std::time::Instant;

use anytrace_api::flush::Dropped;

use crate::{FinishedSpan, Resource};

/// Takes finished spans: writes them, sends them, keeps them.
///
/// One thread calls it, the tracer's reporter, and never two at once. It may take its time, but not beyond the deadline:
/// until it returns nothing else is delivered. Tracing is suppressed around it. A panic costs the batch and nothing
/// else.
///
/// ```
/// use std::time::Instant;
/// use anytrace_recorder::{Batch, Delivery, Recorder};
///
/// /// Prints the names.
/// struct Names;
///
/// impl Recorder for Names {
///     fn record(&mut self, batch: Batch<'_>, _deadline: Instant) -> Delivery {
///         for span in batch.spans {
///             println!("{}: {}", batch.resource.service_name(), span.name());
///         }
///         Delivery::all(batch.spans.len())
///     }
/// }
/// ```
pub trait Recorder: Send + 'static {
    /// Takes a batch, and says what became of it.
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery;

    /// Lets go of what it kept back. Called for a flush, after the last batch.
    ///
    /// # Errors
    ///
    /// In words, for whoever asked for the flush.
    fn flush(&mut self, deadline: Instant) -> Result<(), String> {
        let _ = deadline;
        Ok(())
    }

    /// The tracer has been shut down, and nothing comes any more. Called once, after the last flush.
    ///
    /// # Errors
    ///
    /// In words, for whoever asked for the shutdown.
    fn shutdown(&mut self, deadline: Instant) -> Result<(), String> {
        let _ = deadline;
        Ok(())
    }

    /// Called now and then while there is nothing to record, and not more often than spans are collected.
    fn idle(&mut self) {}
}

/// Finished spans of one service, in the order in which they were collected.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Batch<'a> {
    /// The service.
    pub resource: &'a Resource,
    /// Its spans.
    pub spans: &'a [FinishedSpan],
}

impl<'a> Batch<'a> {
    /// For tests of recorders.
    pub const fn new(resource: &'a Resource, spans: &'a [FinishedSpan]) -> Self {
        Batch { resource, spans }
    }
}

/// What became of a batch.
///
/// ```
/// use anytrace_recorder::Delivery;
///
/// let delivery = Delivery::all(8).dropped("rejected", 2).failed("2 spans have no name");
/// assert_eq!((delivery.delivered, delivery.dropped.total()), (8, 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "spans that are not accounted for count as lost"]
#[non_exhaustive]
pub struct Delivery {
    /// Spans that arrived.
    pub delivered: u64,
    /// Spans that did not, by reason. Those of a batch that are neither count as lost without a reason.
    pub dropped: Dropped,
    /// What went wrong, in words, for whoever waits for a flush.
    pub error: Option<String>,
}

impl Delivery {
    /// `spans` arrived.
    pub fn all(spans: usize) -> Self {
        Delivery { delivered: spans as u64, ..Self::default() }
    }

    /// `spans` more were lost for `reason`: on the way to a server, one of [`Loss`](crate::Loss).
    pub fn dropped(mut self, reason: &'static str, spans: usize) -> Self {
        self.dropped.add(reason, spans as u64);
        self
    }

    /// And this went wrong.
    pub fn failed(self, error: impl Into<String>) -> Self {
        Delivery { error: Some(error.into()), ..self }
    }
}
