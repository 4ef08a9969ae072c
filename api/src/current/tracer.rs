//! The verbs that every tracer has.

use std::{panic::Location, time::Duration};

use crate::{
    FlushFuture, Flushed, Operation, ShutdownGuard, StartedSpan, TraceContext, Tracer, active, tracer::flush,
};

/// The verbs, for every [`Tracer`], `dyn Tracer` too.
///
/// ```
/// use std::collections::HashMap;
/// use anytrace_api::{Operation, Tracer, TracerExt};
///
/// fn serve(tracer: &dyn Tracer, headers: &HashMap<String, String>) {
///     // Continues the caller's trace, or starts one: one path for both.
///     tracer.join_trace(Operation::server("GET /users"), &tracer.extract(headers)).run(|| { /* … */ });
/// }
/// # serve(&anytrace_api::tracer(), &HashMap::new());
/// ```
pub trait TracerExt: Tracer {
    /// Starts a trace, whatever is current.
    #[track_caller]
    fn start_trace<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        let operation = operation.into().started_at(Location::caller());
        active::unless_suppressed(None, || self.start(&operation, None))
    }

    /// Continues the trace of `parent`: another span, a context that came over a wire, of this backend or another.
    /// Starts a trace where `parent` is empty, so that servers have one path.
    #[track_caller]
    fn join_trace<'a>(&self, operation: impl Into<Operation<'a>>, parent: &dyn TraceContext) -> StartedSpan {
        let operation = operation.into().started_at(Location::caller());
        let parent = parent.context();
        active::unless_suppressed(Some(parent), || self.start(&operation, Some(parent)))
    }

    /// Starts a child of the current span, or else a trace, by this tracer.
    #[track_caller]
    fn start_span<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        self.join_trace(operation, &crate::current_span())
    }

    /// Delivers what has finished so far and waits for it, `timeout` at the most and a little.
    ///
    /// ```
    /// use std::time::Duration;
    /// use anytrace_api::TracerExt;
    ///
    /// let flushed = anytrace_api::tracer().flush_blocking(Duration::from_secs(5));
    /// assert!(flushed.result.is_ok(), "{flushed}");
    /// ```
    fn flush_blocking(&self, timeout: Duration) -> Flushed {
        flush::blocking(timeout, |done| self.flush(timeout, done))
    }

    /// The same as a future, which may be dropped: the flush goes on.
    fn flush_async(&self, timeout: Duration) -> FlushFuture {
        flush::future(|done| self.flush(timeout, done))
    }

    /// Delivers what has finished so far, and nothing from then on. See [`flush_blocking`](Self::flush_blocking).
    fn shutdown_blocking(&self, timeout: Duration) -> Flushed {
        flush::blocking(timeout, |done| self.shutdown(timeout, done))
    }

    /// The same as a future.
    fn shutdown_async(&self, timeout: Duration) -> FlushFuture {
        flush::future(|done| self.shutdown(timeout, done))
    }

    /// Shuts down when the guard is dropped: at the end of `main`.
    fn shutdown_on_drop(self, timeout: Duration) -> ShutdownGuard<Self>
    where
        Self: Sized,
    {
        ShutdownGuard::new(self, timeout)
    }
}

impl<T: Tracer + ?Sized> TracerExt for T {}
