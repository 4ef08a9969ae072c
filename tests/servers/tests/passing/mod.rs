//! A recorder in front of another one.

use std::time::Instant;

use anytrace_recorder::{Batch, Delivery, Recorder};

/// Shows each batch to somebody on its way to another recorder.
pub(crate) struct Passing<R, F> {
    to: R,
    each: F,
}

impl<R: Recorder, F: FnMut(Batch<'_>) + Send + 'static> Passing<R, F> {
    pub(crate) fn new(to: R, each: F) -> Self {
        Passing { to, each }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<R: Recorder, F: FnMut(Batch<'_>) + Send + 'static> Recorder for Passing<R, F> {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        (self.each)(batch);
        self.to.record(batch, deadline)
    }

    fn flush(&mut self, deadline: Instant) -> Result<(), String> {
        self.to.flush(deadline)
    }

    fn shutdown(&mut self, deadline: Instant) -> Result<(), String> {
        self.to.shutdown(deadline)
    }

    fn idle(&mut self) {
        self.to.idle();
    }
}
