//! What keeps tracing going until the end of `main`.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anytrace_api::{TracerHandle, flush::Flushed, install};
use anytrace_noop::NoopTracer;
use anytrace_recorder::{RecordingTracer, Stats};

use crate::{InitError, Losses};

/// Tracing that is set up: hold it until the end of `main`. Made by [`init`](crate::init) and
/// [`Builder`](crate::Builder).
///
/// Dropped, it shuts down: what has finished is delivered, for
/// [5 seconds](crate::Builder::shutdown_timeout) at the most, and if spans were lost, that is said in
/// [one line](crate::Builder::on_losses). Until then it blocks its thread; async code awaits the tracer's
/// [`shutdown_async`](crate::TracerExt::shutdown_async) before. Where nothing is recorded, all of it works and every number
/// is 0.
///
/// ```
/// use std::time::Duration;
/// use anytrace::MemoryRecorder;
///
/// let tracing = anytrace::builder().service("orders").recorder(MemoryRecorder::new()).build()?;
/// tracing.tracer().start_trace("load").finish();
///
/// let flushed = tracing.shutdown(Duration::from_secs(5));
/// assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
/// assert_eq!(tracing.stats().to_string(), "started 1, delivered 1, dropped 0, queued 0, open 0");
/// # Ok::<(), anytrace::InitError>(())
/// ```
#[must_use = "dropped at once, it shuts down at once"]
pub struct Tracing {
    tracer: Tracer,
    handle: TracerHandle,
    at_end: AtEnd,
    /// Somebody was told how it ended.
    is_told: AtomicBool,
}

#[derive(Clone)]
pub(crate) enum Tracer {
    Recording(RecordingTracer),
    Noop(NoopTracer),
}

/// What a drop does.
pub(crate) struct AtEnd {
    pub(crate) timeout: Duration,
    pub(crate) on_losses: Box<dyn Fn(&Losses) + Send + Sync>,
}

impl Tracing {
    pub(crate) fn new(tracer: Tracer, at_end: AtEnd) -> Self {
        let handle = match &tracer {
            Tracer::Recording(tracer) => TracerHandle::new(tracer.clone()),
            Tracer::Noop(tracer) => TracerHandle::new(tracer.clone()),
        };
        Tracing { tracer, handle, at_end, is_told: AtomicBool::new(false) }
    }

    /// The tracer: for code that is handed one, and for services that share a process.
    pub fn tracer(&self) -> &TracerHandle {
        &self.handle
    }

    /// Where every span went, now.
    pub fn stats(&self) -> Stats {
        self.recording().map(RecordingTracer::stats).unwrap_or_default()
    }

    /// Delivers what has finished so far and waits for it, `timeout` at the most and a little. The asynchronous form is
    /// the [tracer's](TracerHandle::flush_async).
    pub fn flush(&self, timeout: Duration) -> Flushed {
        self.handle.flush_blocking(timeout)
    }

    /// Delivers what has finished so far, and nothing from then on. After it, a drop has nothing to do or to say. Again,
    /// it changes nothing.
    pub fn shutdown(&self, timeout: Duration) -> Flushed {
        self.is_told.store(true, Ordering::Relaxed);
        self.handle.shutdown_blocking(timeout)
    }

    pub(crate) fn install(&self) -> Result<(), InitError> {
        let installed = match self.tracer.clone() {
            Tracer::Recording(tracer) => install(tracer).map_err(|error| error.to_string()),
            Tracer::Noop(tracer) => install(tracer).map_err(|error| error.to_string()),
        };
        installed.map_err(InitError::new)
    }

    fn recording(&self) -> Option<&RecordingTracer> {
        match &self.tracer {
            Tracer::Recording(tracer) => Some(tracer),
            Tracer::Noop(_) => None,
        }
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        if self.is_told.load(Ordering::Relaxed) {
            return;
        }
        let flushed = self.shutdown(self.at_end.timeout);
        let Some(tracer) = self.recording() else { return };
        if let Some(losses) = Losses::of(tracer.resource().service_name(), &tracer.stats(), flushed) {
            // It is the application's code, and a panic while one unwinds would end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| (self.at_end.on_losses)(&losses)));
        }
    }
}

impl fmt::Debug for Tracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracer: &dyn fmt::Debug = match &self.tracer {
            Tracer::Recording(tracer) => tracer,
            Tracer::Noop(tracer) => tracer,
        };
        f.debug_struct("Tracing").field("tracer", tracer).finish_non_exhaustive()
    }
}
