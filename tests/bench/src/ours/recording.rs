//! The tracers that the workloads use, and how what they finish is carried off.

use std::{
    hint::black_box,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anytrace_api::{TracerExt, backend::Tracer};
use anytrace_recorder::{Batch, Delivery, Recorder, RecordingTracer, Sampler};

use crate::case::{Running, Setting};

/// Takes spans and keeps nothing.
pub(super) struct Drain;

impl Recorder for Drain {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        Delivery::all(batch.spans.len())
    }
}

/// One for all cases of a process, as an application has it.
pub(crate) fn recording(setting: Setting) -> &'static RecordingTracer {
    static TRACER: OnceLock<RecordingTracer> = OnceLock::new();
    TRACER.get_or_init(|| {
        let builder = RecordingTracer::builder(Drain);
        match setting {
            Setting::Usual => builder.build(),
            // The thread is woken by a whole batch, or after the interval.
            Setting::Quiet => builder
                .max_queued_spans(65_536)
                .max_batch(32_768)
                .interval(Duration::from_secs(100_000))
                .build(),
        }
    })
}

/// The same, and records nothing.
pub(super) fn not_sampling() -> &'static RecordingTracer {
    static TRACER: OnceLock<RecordingTracer> = OnceLock::new();
    TRACER.get_or_init(|| RecordingTracer::builder(Drain).sampler(Sampler::never()).build())
}

/// A tracer of which the compiler does not see whose it is: where a workload has one caller, it would see that, and
/// leave out calls through `dyn`, and of those to the no-op tracer all.
pub(super) fn unknown(tracer: &dyn Tracer) -> &dyn Tracer {
    black_box(tracer)
}

/// A case that does `workload` with the tracer that records.
pub(super) fn with_recording(setting: Setting, workload: fn(&dyn Tracer, u64)) -> Running {
    let tracer = recording(setting);
    carried_off(tracer, move |repeats| workload(unknown(tracer), repeats))
}

/// A case that finishes spans of that tracer, all of which must be delivered.
pub(super) fn carried_off(tracer: &'static RecordingTracer, run: impl FnMut(u64) + 'static) -> Running {
    Running::new(run).settled(|spans| carry_off(tracer, spans))
}

/// Carries off so many spans of the one tracer: none was lost, and there are no others.
pub(crate) fn carry_off(tracer: &RecordingTracer, spans: u64) {
    static EXPECTED: AtomicU64 = AtomicU64::new(0);
    let flushed = tracer.flush_blocking(Duration::from_secs(100));
    assert!(flushed.result.is_ok(), "{flushed}");
    let stats = tracer.stats();
    let expected = EXPECTED.fetch_add(spans, Relaxed) + spans;
    assert_eq!((stats.delivered, stats.queued), (expected, 0), "{stats}");
    assert_eq!(stats.started, stats.delivered + stats.open, "{stats}");
}
