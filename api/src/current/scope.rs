//! Guards and closures that make a span, a tracer or suppression current on this thread.

use std::{fmt, fmt::Display, marker::PhantomData, ops::Deref};

use super::{
    entry::{EntryId, Layer},
    global::in_use,
    lookup::resolve,
    push_pop::{push, push_span, remove, truncate},
};
use crate::backend::{end::EndReason, handle::TracerHandle, reference::SpanRef, started::StartedSpan};

/// A guard that keeps a span ([`SpanRef::enter`]), a tracer ([`tracer_scope`]) or suppression
/// ([`suppressed_scope`](crate::suppression::suppressed_scope)) current on this thread.
///
/// Guards may be dropped in any order: each removes its own entry. The entry of a forgotten guard stays current until the
/// closure or the poll in which the guard was made ends, or else until the thread ends.
///
/// A guard stays on its thread. In async code use [`FutureExt::in_span`](crate::FutureExt::in_span): a guard that is held
/// across an `.await` would leave its span current for whatever the thread runs next.
///
/// ```compile_fail,E0277
/// fn sends<T: Send>(_: T) {}
/// sends(anytrace_api::SpanRef::none().enter());
/// ```
#[must_use = "the span, tracer or suppression is current only while the guard lives"]
pub struct Scope {
    id: Option<EntryId>,
    /// Makes the guard `!Send`.
    not_send: PhantomData<*const ()>,
}

impl Scope {
    pub(super) fn new(layer: Layer) -> Self {
        Scope { id: push(layer), not_send: PhantomData }
    }

    /// Pushes a span, unless it is empty and nothing has ever been current in this process.
    #[inline]
    fn of_span(span: &SpanRef) -> Self {
        if span.is_none() && !in_use() {
            return Scope { id: None, not_send: PhantomData };
        }
        Scope { id: push_span(span), not_send: PhantomData }
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            remove(id);
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// A span that is current on this thread until the guard is dropped, and ends then. Created by [`StartedSpan::entered`].
///
/// ```
/// let span = anytrace_api::start_span("load").entered();
/// span.set_tag("rows", 3);
/// span.finish(); // or at the end of the block
/// ```
///
/// The guard stays on its thread:
///
/// ```compile_fail,E0277
/// fn sends<T: Send>(_: T) {}
/// sends(anytrace_api::start_span("load").entered());
/// ```
#[must_use = "a guard that is dropped at once ends its span at once"]
pub struct SpanScope {
    scope: Scope,
    // Dropped after the scope: the span ends when it is no longer current and the stack holds no reference to it.
    span: StartedSpan,
}

impl SpanScope {
    /// Ends the span now.
    pub fn finish(self) {
        self.finish_as(EndReason::Finished);
    }

    /// Ends the span now, for another reason.
    ///
    /// ```
    /// use anytrace_api::{self as trace, EndReason};
    ///
    /// trace::start_span("load").entered().finish_as(EndReason::Cancelled);
    /// ```
    pub fn finish_as(self, reason: EndReason) {
        drop(self.scope);
        self.span.finish_as(reason);
    }

    /// Returns the span, which is no longer current and does not end yet.
    ///
    /// ```
    /// let span = anytrace_api::start_span("load").entered().leave();
    /// span.finish();
    /// ```
    pub fn leave(self) -> StartedSpan {
        drop(self.scope);
        self.span
    }
}

impl Deref for SpanScope {
    type Target = SpanRef;

    fn deref(&self) -> &SpanRef {
        &self.span
    }
}

impl fmt::Debug for SpanScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SpanScope").field(&*self.span).finish()
    }
}

/// A guard that can be bounded by a closure.
trait Bounded {
    fn take_id(&mut self) -> Option<EntryId>;
    fn finish(self);
}

impl Bounded for Scope {
    fn take_id(&mut self) -> Option<EntryId> {
        self.id.take()
    }

    fn finish(self) {}
}

impl Bounded for SpanScope {
    fn take_id(&mut self) -> Option<EntryId> {
        self.scope.take_id()
    }

    fn finish(self) {
        self.span.finish();
    }
}

/// Runs `work` within `scope`, and removes its entry and the entries of guards that were forgotten in `work`, also after
/// a panic.
fn bounded<R>(mut scope: impl Bounded, work: impl FnOnce() -> R) -> R {
    struct Truncate(Option<EntryId>);
    impl Drop for Truncate {
        fn drop(&mut self) {
            if let Some(id) = self.0 {
                truncate(id);
            }
        }
    }
    let truncate = Truncate(scope.take_id());
    let result = work();
    drop(truncate);
    scope.finish();
    result
}

/// Runs `work` with several layers, from the lowest.
pub(super) fn with_layers<R>(mut layers: impl Iterator<Item = Layer>, work: impl FnOnce() -> R) -> R {
    let Some(lowest) = layers.next() else { return work() };
    // Truncating at the lowest layer removes the others too.
    let scope = Scope::new(lowest);
    layers.for_each(|layer| {
        push(layer);
    });
    bounded(scope, work)
}

/// Makes `tracer` the current tracer of this thread until the guard is dropped. See [`with_tracer`].
///
/// ```
/// use anytrace_api::{self as trace, TracerHandle};
///
/// let _off = trace::tracer_scope(&TracerHandle::none());
/// assert!(trace::start_span("load").is_none());
/// ```
pub fn tracer_scope(tracer: &TracerHandle) -> Scope {
    Scope::new(Layer::Tracer(resolve(tracer)))
}

/// Makes `tracer` the current tracer during `work`.
///
/// The tracer is current on this thread, in futures that are wrapped within `work`, and on other threads to which
/// [`carry`](crate::carry) or a [`Snapshot`](crate::Snapshot) takes it. Spans outside of `work` are hidden. Each test can
/// have a tracer of its own in this way, in parallel with other tests.
///
/// An async block that `work` merely returns runs later, without the tracer: use
/// [`FutureExt::with_tracer`](crate::FutureExt::with_tracer) for a future.
///
/// ```
/// use anytrace_api::{self as trace, TracerHandle};
///
/// let off = TracerHandle::none();
/// trace::with_tracer(&off, || assert!(trace::start_span("load").is_none()));
/// ```
pub fn with_tracer<R>(tracer: &TracerHandle, work: impl FnOnce() -> R) -> R {
    bounded(tracer_scope(tracer), work)
}

/// Suppresses tracing during `work`: spans that start are not recorded, and pass on the context of their parent.
///
/// Exporters use this for their own requests, and an instrumented library for the driver beneath it. An async block that
/// `work` merely returns runs later, unsuppressed: use [`FutureExt::suppressed`](crate::FutureExt::suppressed) for a
/// future.
///
/// ```
/// use anytrace_api::{self as trace, suppression::suppressed};
///
/// suppressed(|| assert!(!trace::start_trace("export").is_recording()));
/// ```
pub fn suppressed<R>(work: impl FnOnce() -> R) -> R {
    bounded(suppressed_scope(), work)
}

/// Suppresses tracing on this thread until the guard is dropped. See [`suppressed`].
///
/// ```
/// use anytrace_api::{self as trace, suppression::suppressed_scope};
///
/// let _suppressed = suppressed_scope();
/// assert!(!trace::start_trace("export").is_recording());
/// ```
pub fn suppressed_scope() -> Scope {
    Scope::new(Layer::Suppression)
}

impl SpanRef {
    /// Makes the span current on this thread until the guard is dropped. For futures, see
    /// [`FutureExt::in_span`](crate::FutureExt::in_span).
    ///
    /// ```
    /// let span = anytrace_api::start_span("load");
    /// {
    ///     let _current = span.enter();
    ///     anytrace_api::event("found"); // on `span`
    /// }
    /// ```
    pub fn enter(&self) -> Scope {
        Scope::of_span(self)
    }

    /// Makes the span current during `work`. An async block that `work` returns runs later, outside of the span: use
    /// [`FutureExt::in_span`](crate::FutureExt::in_span) for a future.
    ///
    /// ```
    /// let span = anytrace_api::start_span("load");
    /// span.in_scope(|| anytrace_api::event("found"));
    /// ```
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        bounded(self.enter(), work)
    }
}

impl StartedSpan {
    /// Makes the span current on this thread until the guard is dropped, and ends it then.
    ///
    /// ```
    /// let _span = anytrace_api::start_span("load").entered();
    /// anytrace_api::set_tag("rows", 3);
    /// ```
    pub fn entered(self) -> SpanScope {
        SpanScope { scope: Scope::of_span(&self), span: self }
    }

    /// Makes the span current during `work`, and ends it afterwards. After a panic the span ends as
    /// [`EndReason::Panicked`].
    ///
    /// For an async block use [`run_async`](Self::run_async): the future that a closure returns runs after the span has
    /// ended.
    ///
    /// ```
    /// let rows = anytrace_api::start_span("load").run(|| 3);
    /// # assert_eq!(rows, 3);
    /// ```
    pub fn run<R>(self, work: impl FnOnce() -> R) -> R {
        bounded(self.entered(), work)
    }

    /// Makes the span current during `work`, records an `Err` like [`SpanRef::record_error`], and ends the span.
    /// Returns the result of `work`.
    ///
    /// The causes of the error are not recorded: for them, use [`run_then`](Self::run_then) with
    /// [`SpanRef::record_error_chain`].
    ///
    /// For an async block use [`FutureExt::try_in_span`](crate::FutureExt::try_in_span).
    ///
    /// ```
    /// let span = anytrace_api::start_span("parse");
    /// assert!(span.try_run(|| "x".parse::<u32>()).is_err());
    /// ```
    pub fn try_run<R, E: Display>(self, work: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
        let span = self.reference();
        // The reference is dropped before the span ends: a span without other references ends at a lower cost.
        self.run(move || span.record_result(work()))
    }

    /// Makes the span current during `work`, calls `then` with the span and the result, and ends the span: for status
    /// codes and sizes.
    ///
    /// ```
    /// use anytrace_api::{self as trace, Operation};
    ///
    /// let status = trace::start_span(Operation::client("GET")).run_then(
    ///     || 200_u16, // … the call …
    ///     |span, status| { span.set_tag("http.response.status_code", *status); },
    /// );
    /// assert_eq!(status, 200);
    /// ```
    pub fn run_then<R>(self, work: impl FnOnce() -> R, then: impl FnOnce(&SpanRef, &R)) -> R {
        let span = self.reference();
        self.run(move || {
            let result = work();
            then(&span, &result);
            result
        })
    }
}
