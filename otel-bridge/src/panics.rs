//! Panics of code that OpenTelemetry calls.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
};

static CAUGHT: AtomicU64 = AtomicU64::new(0);

/// Runs `work`, which calls OpenTelemetry, and returns its result. A panic is counted and returns `None`.
///
/// Samplers, processors, exporters and the destructors of context values are arbitrary code, and instrumented code must
/// not fail because of them.
pub(crate) fn catch_panic<R>(work: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(work));
    if result.is_err() {
        CAUGHT.fetch_add(1, Ordering::Relaxed);
    }
    result.ok()
}

/// Returns the number of panics that were caught in this process.
pub(crate) fn caught_panics() -> u64 {
    CAUGHT.load(Ordering::Relaxed)
}
