//! Keeps spans, for tests and tools.

use std::{sync::Arc, time::Instant};

use parking_lot::Mutex;

use crate::{Batch, Delivery, FinishedSpan, Recorder};

/// Keeps the spans it is given. It clones: all clones keep the same spans, so that a test holds one and the tracer
/// another. It keeps all of them, without a bound.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::TracerExt;
/// use anytrace_recorder::{MemoryRecorder, RecordingTracer};
///
/// let memory = MemoryRecorder::new();
/// let tracer = RecordingTracer::builder(memory.clone()).build();
/// tracer.start_trace("load").finish();
/// assert!(tracer.flush_blocking(Duration::from_secs(5)).result.is_ok());
/// assert_eq!(memory.take().len(), 1);
/// assert!(memory.spans().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryRecorder(Arc<Mutex<Vec<FinishedSpan>>>);

impl MemoryRecorder {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it was given so far, in that order.
    pub fn spans(&self) -> Vec<FinishedSpan> {
        self.0.lock().clone()
    }

    /// The same, and forgets it.
    pub fn take(&self) -> Vec<FinishedSpan> {
        std::mem::take(&mut *self.0.lock())
    }
}

impl Recorder for MemoryRecorder {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        self.0.lock().extend_from_slice(batch.spans);
        Delivery::all(batch.spans.len())
    }
}
