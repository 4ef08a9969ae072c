//! The methods of every tracer: starting spans, flushing and shutting down.

use std::{panic::Location, sync::Arc, time::Duration};

use super::{
    flush::{self, FlushFuture, ShutdownGuard},
    lookup::{current_span, with_current_tracer},
    start::unless_suppressed,
};
use crate::{
    backend::{
        NativeContext, Tracer,
        flush::{Done, Flushed},
        handle::TracerHandle,
        reference::SpanRef,
        started::StartedSpan,
    },
    model::{Context, Extracted, Operation, TextMapReader, TextMapWriter, TraceContext},
};

/// Starts spans with any [`Tracer`], also a `dyn Tracer`, and flushes it.
///
/// [`TracerHandle`] has these methods as inherent ones.
///
/// ```
/// use anytrace_api::{Operation, TracerExt, backend::Tracer};
/// use std::collections::HashMap;
///
/// fn serve(tracer: &dyn Tracer, headers: &HashMap<String, String>) {
///     // Continues the caller's trace, or starts one.
///     tracer.join_trace(Operation::server("GET /users"), &tracer.extract(headers)).run(|| { /* … */ });
/// }
/// # serve(&anytrace_api::tracer(), &HashMap::new());
/// ```
pub trait TracerExt: Tracer {
    /// Starts a trace, whatever span is current.
    ///
    /// ```
    /// use anytrace_api::{TracerExt, TracerHandle};
    ///
    /// let span = TracerExt::start_trace(&TracerHandle::none(), "request");
    /// assert!(!span.is_recording());
    /// ```
    #[track_caller]
    fn start_trace<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        let operation = operation.into().started_at(Location::caller());
        unless_suppressed(None, || self.start(&operation, None))
    }

    /// Continues the trace of `parent`: another span, or a context from a carrier, of this backend or another one. Starts a
    /// trace if `parent` is empty, so that a server has one code path.
    ///
    /// ```
    /// use anytrace_api::{Context, TracerExt, TracerHandle};
    ///
    /// let span = TracerExt::join_trace(&TracerHandle::none(), "request", &Context::EMPTY);
    /// assert!(!span.is_recording());
    /// ```
    #[track_caller]
    fn join_trace<'a>(&self, operation: impl Into<Operation<'a>>, parent: &dyn TraceContext) -> StartedSpan {
        let operation = operation.into().started_at(Location::caller());
        let parent = parent.context();
        unless_suppressed(Some(parent), || self.start(&operation, Some(parent)))
    }

    /// Starts a child of the current span with this tracer, or else a trace.
    ///
    /// ```
    /// use anytrace_api::{TracerExt, TracerHandle};
    ///
    /// let span = TracerExt::start_span(&TracerHandle::none(), "load");
    /// assert!(!span.is_recording());
    /// ```
    #[track_caller]
    fn start_span<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        self.join_trace(operation, &current_span())
    }

    /// Exports the spans that have ended, and waits for that. Returns at the latest a quarter of a second after
    /// `timeout`.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use std::time::Duration;
    ///
    /// let flushed = anytrace_api::tracer().flush_blocking(Duration::from_secs(5));
    /// assert!(flushed.result.is_ok(), "{flushed}");
    /// ```
    fn flush_blocking(&self, timeout: Duration) -> Flushed {
        flush::blocking(timeout, |done| self.flush(timeout, done))
    }

    /// Exports the spans that have ended, as a future. The flush goes on if the future is dropped.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use std::time::Duration;
    ///
    /// async fn flush() {
    ///     println!("{}", anytrace_api::tracer().flush_async(Duration::from_secs(5)).await);
    /// }
    /// # let _ = flush();
    /// ```
    fn flush_async(&self, timeout: Duration) -> FlushFuture {
        flush::future(|done| self.flush(timeout, done))
    }

    /// Exports the spans that have ended, and stops: spans that end later are dropped. See
    /// [`flush_blocking`](Self::flush_blocking).
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use std::time::Duration;
    ///
    /// let flushed = anytrace_api::tracer().shutdown_blocking(Duration::from_secs(5));
    /// assert!(flushed.result.is_ok(), "{flushed}");
    /// ```
    fn shutdown_blocking(&self, timeout: Duration) -> Flushed {
        flush::blocking(timeout, |done| self.shutdown(timeout, done))
    }

    /// Exports the spans that have ended, and stops, as a future. The shutdown goes on if the future is dropped.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use std::time::Duration;
    ///
    /// async fn stop() {
    ///     println!("{}", anytrace_api::tracer().shutdown_async(Duration::from_secs(5)).await);
    /// }
    /// # let _ = stop();
    /// ```
    fn shutdown_async(&self, timeout: Duration) -> FlushFuture {
        flush::future(|done| self.shutdown(timeout, done))
    }

    /// Returns a guard that shuts the tracer down when it is dropped: for the end of `main`.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use std::time::Duration;
    ///
    /// let _guard = anytrace_api::tracer().shutdown_on_drop(Duration::from_secs(5));
    /// ```
    fn shutdown_on_drop(self, timeout: Duration) -> ShutdownGuard<Self>
    where
        Self: Sized,
    {
        ShutdownGuard::new(self, timeout)
    }
}

impl<T: Tracer + ?Sized> TracerExt for T {}

impl TracerHandle {
    /// Returns true if there is no tracer behind the handle at this place.
    ///
    /// ```
    /// assert!(anytrace_api::TracerHandle::none().is_none());
    /// ```
    pub fn is_none(&self) -> bool {
        self.with(|tracer| tracer.is_none())
    }

    fn with<R>(&self, work: impl FnOnce(Option<&dyn Tracer>) -> R) -> R {
        if self.is_late() { with_current_tracer(work) } else { work(self.resolved()) }
    }

    /// Starts a trace, whatever span is current. See [`TracerExt::start_trace`].
    ///
    /// ```
    /// anytrace_api::tracer().start_trace("request").finish();
    /// ```
    #[track_caller]
    pub fn start_trace<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        TracerExt::start_trace(self, operation)
    }

    /// Continues the trace of `parent`, or starts a trace if `parent` is empty. See [`TracerExt::join_trace`].
    ///
    /// ```
    /// use anytrace_api::Context;
    ///
    /// anytrace_api::tracer().join_trace("request", &Context::EMPTY).finish();
    /// ```
    #[track_caller]
    pub fn join_trace<'a>(
        &self,
        operation: impl Into<Operation<'a>>,
        parent: &dyn TraceContext,
    ) -> StartedSpan {
        TracerExt::join_trace(self, operation, parent)
    }

    /// Starts a child of the current span, or else a trace. See [`TracerExt::start_span`].
    ///
    /// ```
    /// anytrace_api::tracer().start_span("load").finish();
    /// ```
    #[track_caller]
    pub fn start_span<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        TracerExt::start_span(self, operation)
    }

    /// Writes `context` into `carrier`. See [`Tracer::inject`].
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// let tracer = anytrace_api::tracer();
    /// let mut headers = HashMap::<String, String>::new();
    /// tracer.inject(&tracer.start_span("call"), &mut headers);
    /// ```
    pub fn inject(&self, context: &dyn TraceContext, carrier: &mut dyn TextMapWriter) {
        Tracer::inject(self, context.context(), carrier);
    }

    /// Reads a context from `carrier`. See [`Tracer::extract`].
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// let found = anytrace_api::tracer().extract(&HashMap::<String, String>::new());
    /// assert!(found.errors().is_empty());
    /// ```
    pub fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Tracer::extract(self, carrier)
    }

    /// Exports the spans that have ended, and waits for that. See [`TracerExt::flush_blocking`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// assert!(anytrace_api::tracer().flush_blocking(Duration::from_secs(5)).result.is_ok());
    /// ```
    pub fn flush_blocking(&self, timeout: Duration) -> Flushed {
        TracerExt::flush_blocking(self, timeout)
    }

    /// Exports the spans that have ended, as a future. See [`TracerExt::flush_async`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let _flush = anytrace_api::tracer().flush_async(Duration::from_secs(5));
    /// ```
    pub fn flush_async(&self, timeout: Duration) -> FlushFuture {
        TracerExt::flush_async(self, timeout)
    }

    /// Exports the spans that have ended, and stops. See [`TracerExt::shutdown_blocking`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// assert!(anytrace_api::tracer().shutdown_blocking(Duration::from_secs(5)).result.is_ok());
    /// ```
    pub fn shutdown_blocking(&self, timeout: Duration) -> Flushed {
        TracerExt::shutdown_blocking(self, timeout)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Tracer for TracerHandle {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        self.with(|tracer| match tracer {
            Some(tracer) => tracer.start(operation, parent),
            None => StartedSpan::none(),
        })
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.with(|tracer| {
            if let Some(tracer) = tracer {
                tracer.inject(context, carrier);
            }
        });
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        self.with(|tracer| tracer.map_or_else(Extracted::default, |tracer| tracer.extract(carrier)))
    }

    fn flush(&self, timeout: Duration, done: Done) {
        self.with(|tracer| match tracer {
            Some(tracer) => tracer.flush(timeout, done),
            None => done(Flushed::default()),
        });
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        self.with(|tracer| match tracer {
            Some(tracer) => tracer.shutdown(timeout, done),
            None => done(Flushed::default()),
        });
    }

    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        self.with(|tracer| tracer?.native_context())
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        self.with(|tracer| match tracer {
            Some(tracer) => tracer.adopt(found),
            None => found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracer_is_an_object() {
        fn object(_: &dyn Tracer) {}
        object(&Box::new(TracerHandle::none()));
    }
}
