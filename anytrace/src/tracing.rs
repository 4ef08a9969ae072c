//! The guard that keeps tracing on until the end of `main`.

use std::{
    fmt,
    io::{self, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anytrace_api::{TracerHandle, flush::Flushed, install};
use anytrace_noop::NoopTracer;
use anytrace_recorder::{RecordingTracer, Stats};

use crate::{DroppedSpans, InitError};

/// A guard that keeps tracing on: hold it until the end of `main`. Created by [`init`](crate::init) and
/// [`TracingBuilder`](crate::TracingBuilder).
///
/// The drop shuts tracing down. It blocks until the finished spans are delivered, for at most [5
/// seconds](crate::TracingBuilder::shutdown_timeout), and [prints one line](crate::TracingBuilder::on_dropped_spans) if
/// spans were dropped. In async code, await [`shutdown_async`](crate::TracerExt::shutdown_async) of the tracer before
/// the drop. If nothing is recorded, all methods work and all numbers are 0.
///
/// `let _ = anytrace::init()?` drops the guard at once, so that no span is recorded. The drop then prints a warning on
/// standard error. Write `let _tracing = anytrace::init()?` instead.
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
#[must_use = "dropping it ends tracing: write `let _tracing = anytrace::init()?`"]
pub struct Tracing {
    tracer: Tracer,
    handle: TracerHandle,
    on_drop: OnDrop,
    /// `shutdown` has returned its result to the caller, so that the drop has nothing to report.
    is_shut_down: AtomicBool,
    /// `None` if this is not the tracer of the process.
    installed_at: Option<Instant>,
}

#[derive(Clone)]
pub(crate) enum Tracer {
    Recording(RecordingTracer),
    Noop(NoopTracer),
}

/// The options of the drop.
pub(crate) struct OnDrop {
    pub(crate) timeout: Duration,
    pub(crate) on_dropped_spans: Box<dyn Fn(&DroppedSpans) + Send + Sync>,
}

impl Tracing {
    pub(crate) fn new(tracer: Tracer, on_drop: OnDrop) -> Self {
        let handle = match &tracer {
            Tracer::Recording(tracer) => TracerHandle::new(tracer.clone()),
            Tracer::Noop(tracer) => TracerHandle::new(tracer.clone()),
        };
        Tracing { tracer, handle, on_drop, is_shut_down: AtomicBool::new(false), installed_at: None }
    }

    /// Returns the tracer, for code that takes one as an argument.
    pub fn tracer(&self) -> &TracerHandle {
        &self.handle
    }

    /// Returns the current numbers of started, delivered and dropped spans.
    pub fn stats(&self) -> Stats {
        self.recording().map(RecordingTracer::stats).unwrap_or_default()
    }

    /// Delivers all spans that have ended so far, and waits until they are delivered or `timeout` has passed. The async
    /// form is [`TracerHandle::flush_async`].
    pub fn flush(&self, timeout: Duration) -> Flushed {
        self.handle.flush_blocking(timeout)
    }

    /// Delivers all spans that have ended so far and ends tracing: later spans are dropped as `after shutdown`. A
    /// second call and the drop have no further effect.
    pub fn shutdown(&self, timeout: Duration) -> Flushed {
        self.is_shut_down.store(true, Ordering::Relaxed);
        self.handle.shutdown_blocking(timeout)
    }

    pub(crate) fn install(&mut self) -> Result<(), InitError> {
        let installed = match self.tracer.clone() {
            Tracer::Recording(tracer) => install(tracer).map_err(|error| error.to_string()),
            Tracer::Noop(tracer) => install(tracer).map_err(|error| error.to_string()),
        };
        installed.map_err(InitError::already_installed)?;
        self.installed_at = Some(Instant::now());
        Ok(())
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
        if self.is_shut_down.load(Ordering::Relaxed) {
            return;
        }
        let age = self.installed_at.map(|at| at.elapsed());
        let flushed = self.shutdown(self.on_drop.timeout);
        let Some(tracer) = self.recording() else { return };
        if age.is_some_and(|age| is_dropped_at_once(age, &tracer.stats())) {
            // A closed standard error is not an error of the application.
            let _ = writeln!(io::stderr(), "{DROPPED_AT_ONCE}");
        }
        if let Some(dropped) = DroppedSpans::new(tracer.resource().service_name(), &tracer.stats(), flushed) {
            // A panic of the application's function during unwinding would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(|| (self.on_drop.on_dropped_spans)(&dropped)));
        }
    }
}

/// The warning about a guard that was not kept.
const DROPPED_AT_ONCE: &str = "anytrace: the value that `init` returned was dropped at once, so no span is recorded: \
    write `let _tracing = anytrace::init()?` instead of `let _ =`";

/// Returns whether the guard was dropped right after `init` and before the first span. A `main` that does no work
/// within this time would have nothing to trace.
fn is_dropped_at_once(age: Duration, stats: &Stats) -> bool {
    age < Duration::from_millis(10) && stats.started == 0
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
