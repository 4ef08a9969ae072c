//! The tracers of the workloads, and the export of their finished spans.

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

/// A recorder that drops all spans.
pub(super) struct Drain;

impl Recorder for Drain {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        Delivery::all(batch.spans.len())
    }
}

/// Returns the process's recording tracer, which all cases share.
pub(crate) fn recording(setting: Setting) -> &'static RecordingTracer {
    static TRACER: OnceLock<RecordingTracer> = OnceLock::new();
    TRACER.get_or_init(|| {
        let builder = RecordingTracer::builder(Drain);
        match setting {
            Setting::Background => builder.build(),
            // A full batch or the interval wakes the reporter thread.
            Setting::OnFlush => builder
                .max_queued_spans(65_536)
                .max_batch(32_768)
                .interval(Duration::from_secs(100_000))
                .build(),
        }
    })
}

/// Returns the process's tracer that samples nothing.
pub(super) fn not_sampling() -> &'static RecordingTracer {
    static TRACER: OnceLock<RecordingTracer> = OnceLock::new();
    TRACER.get_or_init(|| RecordingTracer::builder(Drain).sampler(Sampler::never()).build())
}

/// Hides the type of a tracer from the compiler. With a single caller, the compiler would devirtualise calls through
/// `dyn` and remove those to the no-op tracer.
pub(super) fn opaque(tracer: &dyn Tracer) -> &dyn Tracer {
    black_box(tracer)
}

/// Creates a case that runs `workload` with the recording tracer.
pub(super) fn with_recording(setting: Setting, workload: fn(&dyn Tracer, u64)) -> Running {
    let tracer = recording(setting);
    exporting_case(tracer, move |repeats| workload(opaque(tracer), repeats))
}

/// Creates a case that finishes spans of this tracer. All of them must be delivered.
pub(super) fn exporting_case(tracer: &'static RecordingTracer, run: impl FnMut(u64) + 'static) -> Running {
    Running::new(run).exporting(|spans| export_spans(tracer, spans))
}

/// Exports the spans finished since the last call. Panics unless exactly `spans` were delivered and none was dropped.
pub(crate) fn export_spans(tracer: &RecordingTracer, spans: u64) {
    static EXPECTED: AtomicU64 = AtomicU64::new(0);
    let flushed = tracer.flush_blocking(Duration::from_secs(100));
    assert!(flushed.result.is_ok(), "{flushed}");
    let stats = tracer.stats();
    let expected = EXPECTED.fetch_add(spans, Relaxed) + spans;
    assert_eq!((stats.delivered, stats.queued), (expected, 0), "{stats}");
    assert_eq!(stats.started, stats.delivered + stats.open, "{stats}");
}
