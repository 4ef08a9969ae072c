//! What is current here, to be current elsewhere.

use super::{
    entry::What,
    guarded, in_force,
    nearest::{Nearest, nearest},
    scope::{Scope, bounded},
    verbs::current_span,
};
use crate::{SpanRef, TracerHandle, tracer::in_use};

/// What is current here, to be current elsewhere and as often as wanted: the span, the scoped tracer, suppression. For
/// threads and pools, where nothing is taken along behind the user's back.
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
    /// None where a scoped tracer hides what is below it.
    span: Option<SpanRef>,
    suppressed: bool,
}

impl Snapshot {
    /// Of this thread or task, now.
    pub fn here() -> Self {
        if !in_use() {
            return Snapshot { tracer: None, span: None, suppressed: false };
        }
        let hidden = matches!(nearest(), Nearest::Tracer(_));
        // What is hidden may still be current in the scoped tracer's own context.
        let span = Some(current_span()).filter(|span| !hidden || !span.is_none());
        Snapshot { tracer: in_force::scoped_tracer(), span, suppressed: in_force::is_suppressed() }
    }

    /// Runs `work` with it.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let mut layers = self.layers();
        let Some(lowest) = layers.next() else { return work() };
        // The scope of the lowest takes the others off too.
        let scope = Scope::new(lowest);
        layers.for_each(|layer| {
            guarded::push(layer);
        });
        bounded(scope, work)
    }

    /// From the bottom.
    pub(super) fn layers(&self) -> impl Iterator<Item = What> {
        let tracer = self.tracer.clone().map(What::Tracer);
        let suppressed = self.suppressed.then_some(What::Suppressed);
        let span = self.span.clone().map(What::Span);
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

/// Takes what is current here along with `work`: for another thread, or a pool.
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
