//! The tracers that the workloads use, and how what they finish is carried off.

use std::time::{Duration, Instant};

use anytrace_api::{Tracer, TracerExt};
use anytrace_recorder::{Batch, Delivery, Recorder, RecordingTracer, Sampler};

/// How many spans finish before they are carried off: fewer than wake the reporter.
const BURST: u64 = 100;

/// Takes spans and keeps nothing.
struct Drain;

impl Recorder for Drain {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        Delivery::all(batch.spans.len())
    }
}

/// As an application has it, but for a reporter that comes only when it is called: in the middle of a burst it would
/// make the figures depend on when it comes.
pub(crate) fn recording() -> RecordingTracer {
    RecordingTracer::builder(Drain).interval(Duration::from_secs(100_000)).build()
}

/// The same, and records nothing.
pub(crate) fn not_sampling() -> RecordingTracer {
    RecordingTracer::builder(Drain).sampler(Sampler::never()).build()
}

/// Does `workload` so many times, and carries off what it finishes now and then.
pub(crate) fn in_bursts(tracer: &RecordingTracer, repeats: u64, workload: fn(&dyn Tracer, u64)) {
    // Buffers grow, records are made and come back.
    for _ in 0..8 {
        workload(tracer, BURST);
        carry_off(tracer);
    }
    let mut left = repeats;
    while left > 0 {
        let burst = left.min(BURST);
        workload(tracer, burst);
        carry_off(tracer);
        left -= burst;
    }
    let stats = tracer.stats();
    assert_eq!(stats.started, stats.delivered + stats.open, "{stats}");
}

fn carry_off(tracer: &RecordingTracer) {
    let flushed = tracer.flush_blocking(Duration::from_secs(100));
    assert!(flushed.result.is_ok(), "{flushed}");
}
