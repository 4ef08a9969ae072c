//! Guards: what they put on the stack is current until they go.

use std::{fmt, marker::PhantomData, ops::Deref};

use super::{
    entry::{Id, What},
    guarded,
};
use crate::{EndReason, SpanRef, StartedSpan, TracerHandle, tracer::in_use};

/// Something is current on this thread while this lives: a span ([`SpanRef::enter`]), a tracer ([`tracer_scope`]) or
/// silence ([`suppressed_scope`](crate::suppressed_scope)).
///
/// Guards may be dropped in any order: each takes off what it put on. A forgotten one stays current until the closure
/// or the poll it was made in ends, or for the rest of the thread.
///
/// It stays on its thread:
///
/// ```compile_fail,E0277
/// fn sends<T: Send>(_: T) {}
/// sends(anytrace_api::SpanRef::none().enter());
/// ```
#[must_use = "it is current only while this lives"]
pub struct Scope {
    id: Option<Id>,
    stays_here: PhantomData<*const ()>,
}

impl Scope {
    pub(super) fn new(what: What) -> Self {
        Scope { id: guarded::push(what), stays_here: PhantomData }
    }

    /// Where nothing was ever in use there is nothing to hide, and nothing to show.
    #[inline]
    pub(crate) fn of_span(span: &SpanRef) -> Self {
        if span.is_none() && !in_use() {
            return Scope { id: None, stays_here: PhantomData };
        }
        Scope { id: guarded::push_span(span), stays_here: PhantomData }
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            guarded::remove(id);
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// A span that is current on this thread while this lives, and ends with it. Made by [`StartedSpan::entered`].
///
/// ```
/// let span = anytrace_api::start_span("load").entered();
/// span.set_tag("rows", 3);
/// span.finish(); // or at the end of the block
/// ```
///
/// It stays on its thread:
///
/// ```compile_fail,E0277
/// fn sends<T: Send>(_: T) {}
/// sends(anytrace_api::start_span("load").entered());
/// ```
#[must_use = "dropped at once, it ends the span at once"]
pub struct SpanScope {
    scope: Scope,
    // After the scope: the span ends when it is no longer current, and when the stack has let go of it.
    span: StartedSpan,
}

impl SpanScope {
    pub(crate) fn new(span: StartedSpan) -> Self {
        SpanScope { scope: Scope::of_span(&span), span }
    }

    /// Ends the span now; it is no longer current.
    pub fn finish(self) {
        self.finish_as(EndReason::Finished);
    }

    /// Ends the span now, and says reason.
    pub fn finish_as(self, reason: EndReason) {
        drop(self.scope);
        self.span.finish_as(reason);
    }

    /// The span goes on, and is no longer current.
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

/// What a closure form does at its end: takes off its entry and whatever was forgotten above it.
pub(crate) trait Bounded {
    fn take_id(&mut self) -> Option<Id>;
    fn finish(self);
}

impl Bounded for Scope {
    fn take_id(&mut self) -> Option<Id> {
        self.id.take()
    }

    fn finish(self) {}
}

impl Bounded for SpanScope {
    fn take_id(&mut self) -> Option<Id> {
        self.scope.take_id()
    }

    fn finish(self) {
        self.span.finish();
    }
}

/// Runs `work` with `scope`, whose entry and all that was forgotten above it are gone afterwards, also after a panic.
pub(crate) fn bounded<R>(mut scope: impl Bounded, work: impl FnOnce() -> R) -> R {
    struct Truncate(Option<Id>);
    impl Drop for Truncate {
        fn drop(&mut self) {
            if let Some(id) = self.0 {
                guarded::truncate(id);
            }
        }
    }
    let truncate = Truncate(scope.take_id());
    let result = work();
    drop(truncate);
    scope.finish();
    result
}

/// Puts `tracer` in force on this thread until the guard goes. See [`with_tracer`].
pub fn tracer_scope(tracer: &TracerHandle) -> Scope {
    Scope::new(What::Tracer(tracer.resolve()))
}

/// Puts `tracer` in force during `work`: on this thread, in the futures wrapped in it, and wherever
/// [`carry`](crate::carry) or a [`Snapshot`](crate::Snapshot) takes it. Outer spans are hidden. Tests use it, each its
/// own, in parallel.
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
