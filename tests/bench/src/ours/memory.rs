//! What a tracer holds whose queue is full.

use anytrace_recorder::RecordingTracer;

use super::{recording::Drain, spans::workload_w1_at_start};

/// As many spans as wait in a queue unless it is said otherwise.
const QUEUED: u64 = 16 * 1024;

/// The bytes of a full queue.
#[derive(Debug)]
pub(crate) struct Memory {
    /// The spans in it.
    pub(crate) spans: u64,
    /// What it holds.
    pub(crate) bytes: i64,
    /// What it holds after as many spans again.
    pub(crate) after: i64,
}

/// Fills the queue of a tracer whose spans nobody fetches, and goes on. `held` is what the process holds.
pub(crate) fn full_queue(held: impl Fn() -> i64) -> Memory {
    let before = held();
    let tracer = RecordingTracer::builder(Drain).without_thread().build();
    workload_w1_at_start(&tracer, QUEUED);
    assert_eq!(queued_and_lost(&tracer), (QUEUED, 0));
    // The first span that is lost: its record stays with the thread, for the next one.
    workload_w1_at_start(&tracer, 1);
    let bytes = held() - before;
    workload_w1_at_start(&tracer, QUEUED);
    assert_eq!(queued_and_lost(&tracer), (QUEUED, QUEUED + 1));
    let after = held() - before;
    Memory { spans: QUEUED, bytes, after }
}

fn queued_and_lost(tracer: &RecordingTracer) -> (u64, u64) {
    let stats = tracer.stats();
    (stats.queued, stats.dropped.total())
}
