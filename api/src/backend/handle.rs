//! A tracer to hold and hand around.

use std::{fmt, sync::Arc, time::Duration};

use crate::{Entered, FlushFuture, TracerExt, active, backend::flush::{Done, Flushed}, backend::reference::SpanRef, backend::started::StartedSpan, backend::Tracer, model::{Context, Extracted, Operation, TextMapReader, TextMapWriter, TraceContext}};

/// A tracer, whichever it is: clones, goes to any thread, and is a [`Tracer`] itself.
///
/// [`tracer`](crate::tracer) gives the one in force. Its verbs are those of [`TracerExt`], without an import.
///
/// ```
/// use anytrace_api::{Operation, TracerHandle};
///
/// let tracer = TracerHandle::none();
/// assert!(!tracer.start_trace("load").is_recording());
/// ```
#[derive(Clone)]
pub struct TracerHandle(Target);

#[derive(Clone)]
enum Target {
    /// Whatever is in force where it is used.
    Late,
    Fixed(Arc<dyn Tracer>),
    None,
}

impl TracerHandle {
    /// A handle to `tracer`.
    pub fn new(tracer: impl Tracer + 'static) -> Self {
        TracerHandle(Target::Fixed(Arc::new(tracer)))
    }

    /// A handle to nothing: in a scope, tracing is off.
    pub const fn none() -> Self {
        TracerHandle(Target::None)
    }

    pub(crate) const fn late() -> Self {
        TracerHandle(Target::Late)
    }

    pub(crate) fn is_late(&self) -> bool {
        matches!(self.0, Target::Late)
    }

    /// Whether there is a tracer behind it, here and now.
    pub fn is_none(&self) -> bool {
        self.with(|tracer| tracer.is_none())
    }

    /// What it stands for here and now, to be in force in a scope.
    pub(crate) fn resolve(&self) -> TracerHandle {
        match &self.0 {
            Target::Late => active::tracer_in_force().unwrap_or(TracerHandle::none()),
            Target::Fixed(_) | Target::None => self.clone(),
        }
    }

    /// What is behind a handle that is [resolved](Self::resolve).
    #[inline]
    pub(crate) fn resolved(&self) -> Option<&dyn Tracer> {
        match &self.0 {
            Target::Fixed(tracer) => Some(&**tracer),
            Target::Late | Target::None => None,
        }
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce(Option<&dyn Tracer>) -> R) -> R {
        match &self.0 {
            Target::Late => active::with_tracer_in_force(work),
            Target::Fixed(tracer) => work(Some(&**tracer)),
            Target::None => work(None),
        }
    }

    /// Starts a trace, whatever is current. See [`TracerExt::start_trace`].
    #[track_caller]
    pub fn start_trace<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        TracerExt::start_trace(self, operation)
    }

    /// Continues the trace of `parent`, or starts one where it is empty. See [`TracerExt::join_trace`].
    #[track_caller]
    pub fn join_trace<'a>(
        &self,
        operation: impl Into<Operation<'a>>,
        parent: &dyn TraceContext,
    ) -> StartedSpan {
        TracerExt::join_trace(self, operation, parent)
    }

    /// Starts a child of the current span, or else a trace. See [`TracerExt::start_span`].
    #[track_caller]
    pub fn start_span<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        TracerExt::start_span(self, operation)
    }

    /// Writes `context` into `carrier`. See [`Tracer::inject`].
    pub fn inject(&self, context: &dyn TraceContext, carrier: &mut dyn TextMapWriter) {
        Tracer::inject(self, context.context(), carrier);
    }

    /// What `carrier` holds. See [`Tracer::extract`].
    pub fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Tracer::extract(self, carrier)
    }

    /// Delivers what has finished so far and waits for it. See [`TracerExt::flush_blocking`].
    pub fn flush_blocking(&self, timeout: Duration) -> Flushed {
        TracerExt::flush_blocking(self, timeout)
    }

    /// The same as a future. See [`TracerExt::flush_async`].
    pub fn flush_async(&self, timeout: Duration) -> FlushFuture {
        TracerExt::flush_async(self, timeout)
    }

    /// Delivers what has finished so far, and nothing from then on. See [`TracerExt::shutdown_blocking`].
    pub fn shutdown_blocking(&self, timeout: Duration) -> Flushed {
        TracerExt::shutdown_blocking(self, timeout)
    }
}

impl From<Arc<dyn Tracer>> for TracerHandle {
    fn from(tracer: Arc<dyn Tracer>) -> Self {
        TracerHandle(Target::Fixed(tracer))
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

    fn native_current(&self) -> Option<SpanRef> {
        self.with(|tracer| tracer?.native_current())
    }

    fn enter_suppressed(&self) -> Entered {
        self.with(|tracer| tracer.map_or(Entered::NOTHING, Tracer::enter_suppressed))
    }

    fn leave_suppressed(&self, entered: Entered) {
        self.with(|tracer| {
            if let Some(tracer) = tracer {
                tracer.leave_suppressed(entered);
            }
        });
    }
}

impl fmt::Debug for TracerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Target::Late => "TracerHandle(the tracer in force)",
            Target::Fixed(_) => "TracerHandle(a tracer)",
            Target::None => "TracerHandle(none)",
        })
    }
}
