//! Passing the current span, tracer and suppression to other threads.

use super::{
    entry::Layer,
    global::in_use,
    lookup::{Newest, current_span, is_suppressed, newest, scoped_tracer},
    scope::with_layers,
};
use crate::backend::{handle::TracerHandle, reference::SpanRef};

/// The current span, the scoped tracer and the suppression of one place, which can become current on other threads: for
/// threads and pools, to which this crate never passes a span by itself.
///
/// ```
/// use anytrace_api::{self as trace, Snapshot};
///
/// let here = Snapshot::here();
/// std::thread::scope(|scope| {
///     for shard in 0..2 {
///         let here = &here;
///         scope.spawn(move || here.run(|| trace::start_span("search").tag("shard", shard).finish()));
///     }
/// });
/// ```
#[derive(Clone)]
pub struct Snapshot {
    tracer: Option<TracerHandle>,
    /// `None` if a scoped tracer hides the spans below it.
    span: Option<SpanRef>,
    suppressed: bool,
}

impl Snapshot {
    /// Takes a snapshot of this thread or task.
    pub fn here() -> Self {
        if !in_use() {
            return Snapshot { tracer: None, span: None, suppressed: false };
        }
        let hidden = matches!(newest(), Newest::Tracer(_));
        // The scoped tracer may still have a current span in its native context.
        let span = Some(current_span()).filter(|span| !hidden || !span.is_none());
        Snapshot { tracer: scoped_tracer(), span, suppressed: is_suppressed() }
    }

    /// Calls `work` with the span, the tracer and the suppression of the snapshot.
    ///
    /// The future of an async block runs later, without them: use
    /// [`FutureExt::in_span`](crate::FutureExt::in_span) with the snapshot.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        with_layers(self.layers(), work)
    }

    /// Returns the layers, from the lowest.
    pub(super) fn layers(&self) -> impl Iterator<Item = Layer> {
        let tracer = self.tracer.clone().map(Layer::Tracer);
        let suppressed = self.suppressed.then_some(Layer::Suppression);
        let span = self.span.clone().map(Layer::Span);
        tracer.into_iter().chain(suppressed).chain(span)
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("span", &self.span)
            .field("scoped", &self.tracer.is_some())
            .field("suppressed", &self.suppressed)
            .finish()
    }
}

/// Wraps `work` so that it runs with the current span, scoped tracer and suppression of this place: for another
/// thread, or a pool.
///
/// ```
/// use anytrace_api as trace;
///
/// let thread = std::thread::spawn(trace::carry(|| trace::start_span("there").finish()));
/// # thread.join().unwrap();
/// ```
pub fn carry<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let here = Snapshot::here();
    move || here.run(work)
}
