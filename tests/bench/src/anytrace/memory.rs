//! The memory of a tracer whose queue is full.

use anytrace_recorder::RecordingTracer;

use super::{recording::Drain, spans::workload_w1_at_start};

/// The default size of the queue.
const QUEUED: u64 = 16 * 1024;

/// The memory of a full queue.
#[derive(Debug)]
pub(crate) struct Memory {
    /// The number of spans in the queue.
    pub(crate) spans: u64,
    /// The bytes allocated.
    pub(crate) bytes: i64,
    /// The bytes allocated after as many dropped spans.
    pub(crate) after: i64,
}

/// Fills the queue of a tracer whose spans are never exported, then continues. `allocated` returns the bytes that the
/// process has allocated.
pub(crate) fn full_queue(allocated: impl Fn() -> i64) -> Memory {
    let before = allocated();
    let tracer = RecordingTracer::builder(Drain).without_thread().build();
    workload_w1_at_start(&tracer, QUEUED);
    assert_eq!(queued_and_dropped(&tracer), (QUEUED, 0));
    // The record of the first dropped span remains in the thread's cache.
    workload_w1_at_start(&tracer, 1);
    let bytes = allocated() - before;
    workload_w1_at_start(&tracer, QUEUED);
    assert_eq!(queued_and_dropped(&tracer), (QUEUED, QUEUED + 1));
    let after = allocated() - before;
    Memory { spans: QUEUED, bytes, after }
}

fn queued_and_dropped(tracer: &RecordingTracer) -> (u64, u64) {
    let stats = tracer.stats();
    (stats.queued, stats.dropped.total())
}
