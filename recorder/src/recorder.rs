//! The trait that takes finished spans.

use std::time::Instant;

use anytrace_api::flush::{DropReason, Dropped, ExportError};

use crate::{FinishedSpan, Resource};

/// The destination of finished spans, such as a file, a server or memory. OpenTelemetry calls it an exporter.
///
/// The reporter thread of the tracer makes all calls, one at a time. A call may block until its deadline; until then,
/// no other batch is delivered. Tracing is suppressed during a call. A panic drops the batch as `recorder panicked`,
/// and the recorder is called again for the next batch.
///
/// ```
/// use std::time::Instant;
/// use anytrace_recorder::{Batch, Delivery, Recorder};
///
/// /// Prints the names of the spans.
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
    /// Delivers a batch and returns the result. `deadline` is the time by which the call should return.
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery;

    /// Delivers spans that the recorder has buffered. Called for each flush, after the last batch.
    ///
    /// # Errors
    ///
    /// Returns an error, which becomes the result of the flush.
    fn flush(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let _ = deadline;
        Ok(())
    }

    /// Releases the recorder's resources. Called once, after the last flush; no other call follows.
    ///
    /// # Errors
    ///
    /// Returns an error, which becomes the result of the shutdown.
    fn shutdown(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let _ = deadline;
        Ok(())
    }

    /// Does periodic work while there are no spans to deliver. Called at most once per
    /// [interval](crate::RecordingTracerBuilder::interval) or wake-up.
    fn idle(&mut self) {}
}

/// Finished spans of one service, in the order in which they were collected.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Batch<'a> {
    /// The service that made the spans.
    pub resource: &'a Resource,
    /// The spans of this batch.
    pub spans: &'a [FinishedSpan],
}

impl<'a> Batch<'a> {
    /// Creates a batch, for tests of recorders.
    pub const fn new(resource: &'a Resource, spans: &'a [FinishedSpan]) -> Self {
        Batch { resource, spans }
    }
}

/// The result of delivering a batch.
///
/// ```
/// use anytrace_api::flush::DropReason;
/// use anytrace_recorder::Delivery;
///
/// let delivery = Delivery::all(8).dropped(DropReason::Rejected, 2).failed("2 spans have no name");
/// assert_eq!((delivery.delivered, delivery.dropped.total()), (8, 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "spans that are in no `Delivery` count as dropped"]
#[non_exhaustive]
pub struct Delivery {
    /// The number of delivered spans.
    pub delivered: u64,
    /// The numbers of dropped spans, by reason. Spans of the batch that are neither delivered nor dropped are counted
    /// as `not accounted for`.
    pub dropped: Dropped,
    /// The first error, which the next flush returns. An error can accompany delivered spans.
    pub error: Option<ExportError>,
}

impl Delivery {
    /// Creates the result of a batch of which all `spans` were delivered.
    pub fn all(spans: usize) -> Self {
        Delivery { delivered: spans as u64, ..Self::default() }
    }

    /// Adds `spans` dropped spans with the reason.
    pub fn dropped(mut self, reason: impl Into<DropReason>, spans: usize) -> Self {
        self.dropped.add(reason, spans as u64);
        self
    }

    /// Sets the error. A message alone is an error with the reason `export failed`.
    pub fn failed(self, error: impl Into<ExportError>) -> Self {
        Delivery { error: Some(error.into()), ..self }
    }
}
