//! Silence: for exporters, and for a driver under an instrumented library.

use super::{
    entry::What,
    in_force::is_suppressed,
    scope::{Scope, bounded},
};
use crate::{Context, StartedSpan, tracer::in_use};

/// Traces nothing during `work`. Contexts are still carried on: what starts has the context of its parent, and is not
/// recorded.
///
/// It covers what runs within `work`. A future that `work` merely makes runs later: see
/// [`FutureExt::suppressed`](crate::FutureExt::suppressed).
///
/// ```
/// use anytrace_api as trace;
///
/// trace::suppressed(|| assert!(!trace::start_trace("export").is_recording()));
/// ```
pub fn suppressed<R>(work: impl FnOnce() -> R) -> R {
    bounded(suppressed_scope(), work)
}

/// Traces nothing on this thread until the guard goes. See [`suppressed`].
pub fn suppressed_scope() -> Scope {
    Scope::new(What::Suppressed)
}

/// Starts a span, unless tracing is suppressed here: then only the parent's context is carried on.
#[inline]
pub(crate) fn unless_suppressed(
    parent: Option<&Context>,
    start: impl FnOnce() -> StartedSpan,
) -> StartedSpan {
    if in_use() && is_suppressed() {
        return StartedSpan::new(parent.cloned().unwrap_or_default(), None);
    }
    start()
}
