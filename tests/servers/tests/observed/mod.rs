//! A recorder that observes the batches of another one.

use std::time::Instant;

use anytrace_api::flush::ExportError;
use anytrace_recorder::{Batch, Delivery, Recorder};

/// Passes each batch to a closure, and then to the inner recorder.
pub(crate) struct ObservedRecorder<R, F> {
    inner: R,
    observe: F,
}

impl<R: Recorder, F: FnMut(Batch<'_>) + Send + 'static> ObservedRecorder<R, F> {
    pub(crate) fn new(inner: R, observe: F) -> Self {
        ObservedRecorder { inner, observe }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<R: Recorder, F: FnMut(Batch<'_>) + Send + 'static> Recorder for ObservedRecorder<R, F> {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        (self.observe)(batch);
        self.inner.record(batch, deadline)
    }

    fn flush(&mut self, deadline: Instant) -> Result<(), ExportError> {
        self.inner.flush(deadline)
    }

    fn shutdown(&mut self, deadline: Instant) -> Result<(), ExportError> {
        self.inner.shutdown(deadline)
    }

    fn idle(&mut self) {
        self.inner.idle();
    }
}
