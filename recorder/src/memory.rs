//! A recorder that stores spans in memory.

use std::{sync::Arc, time::Instant};

use parking_lot::Mutex;

use crate::{Batch, Delivery, FinishedSpan, Recorder};

/// A recorder that stores all spans in memory, without a limit: for tests and tools.
///
/// All clones share the same spans, so that a test keeps one clone and the tracer owns another.
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
    /// Creates a recorder without spans.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a copy of the stored spans, in the order of their delivery.
    pub fn spans(&self) -> Vec<FinishedSpan> {
        self.0.lock().clone()
    }

    /// Removes and returns the stored spans, in the order of their delivery.
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
