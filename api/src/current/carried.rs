//! A stack of one's own, put on and taken off again.

use std::fmt;

use super::{entry::What, in_force, layers::Layers, snapshot::Snapshot};
use crate::{EndReason, SpanRef, StartedSpan, TraceContext, TracerHandle, tracer::in_use};

/// What is current during each [`run`](Self::run), and between them not: for whatever is polled.
///
/// Made from a [`StartedSpan`], which ends with it; from a [`SpanRef`], which is only made current; or from a
/// [`Snapshot`]. It takes along the scoped tracer and the suppression of where it is made. What `work` leaves current,
/// because it keeps a guard, is current again in the next run and nowhere between.
///
/// Dropped without [`finish`](Self::finish), its span ends as cancelled, or as panicked when a run panicked.
///
/// ```
/// use anytrace_api::{self as trace, PolledSpan};
///
/// /// A response body, which somebody polls now and then.
/// struct Body {
///     span: PolledSpan,
///     rest: Vec<u8>,
/// }
///
/// impl Body {
///     fn poll(&mut self) -> Option<u8> {
///         let byte = self.span.run(|| self.rest.pop());
///         if byte.is_none() {
///             self.span.end();
///         }
///         byte
///     }
/// }
///
/// let mut body = Body { span: trace::start_span("body").into_polled(), rest: vec![1] };
/// while body.poll().is_some() {}
/// ```
#[must_use = "dropped at once, it ends the span as cancelled"]
pub struct PolledSpan {
    held: Held,
    layers: Layers,
}

enum Held {
    Owner(StartedSpan),
    Reference(SpanRef),
}

impl Held {
    fn span(&self) -> &SpanRef {
        match self {
            Held::Owner(span) => span,
            Held::Reference(span) => span,
        }
    }
}

impl PolledSpan {
    fn of_span(held: Held) -> Self {
        let span = held.span();
        // An empty one hides what is current around it, as a scope of it does.
        let span = (in_use() || !span.is_none()).then(|| What::Span(span.clone()));
        let tracer = in_force::scoped_tracer().map(What::Tracer);
        let suppressed = in_force::is_suppressed().then_some(What::Suppressed);
        PolledSpan { held, layers: Layers::new([tracer, suppressed, span].into_iter().flatten()) }
    }

    fn of_layers(layers: impl IntoIterator<Item = What>) -> Self {
        PolledSpan { held: Held::Reference(SpanRef::none()), layers: Layers::new(layers) }
    }

    pub(crate) fn with_tracer(tracer: &TracerHandle) -> Self {
        PolledSpan::of_layers([What::Tracer(tracer.resolve())])
    }

    pub(crate) fn suppressed() -> Self {
        PolledSpan::of_layers(Snapshot::here().layers().chain([What::Suppressed]))
    }

    /// The span.
    pub fn span(&self) -> &SpanRef {
        self.held.span()
    }

    /// Runs `work` with it.
    pub fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.run_with(|_| work())
    }

    pub(crate) fn run_with<R>(&mut self, work: impl FnOnce(&SpanRef) -> R) -> R {
        let span = self.held.span();
        self.layers.run(|| work(span))
    }

    /// Whether it has a span to end, and has not ended it.
    pub fn is_open(&self) -> bool {
        matches!(self.held, Held::Owner(_))
    }

    /// Ends the span now; what is run later runs without it. Nothing to do for a reference.
    pub fn end(&mut self) {
        self.end_as(EndReason::Finished);
    }

    /// Ends the span now, and says reason.
    pub fn end_as(&mut self, reason: EndReason) {
        self.layers.clear();
        if let Held::Owner(span) = &mut self.held {
            let context = span.context().clone();
            let held = Held::Reference(SpanRef::from(context));
            if let Held::Owner(span) = std::mem::replace(&mut self.held, held) {
                span.finish_as(reason);
            }
        }
    }

    /// Ends the span now.
    pub fn finish(mut self) {
        self.end();
    }
}

impl Drop for PolledSpan {
    fn drop(&mut self) {
        self.layers.clear();
        if let Held::Owner(span) = &mut self.held {
            span.end_dropped(if self.layers.panicked() { EndReason::Panicked } else { EndReason::Cancelled });
        }
    }
}

/// Ends with what carries it.
impl From<StartedSpan> for PolledSpan {
    fn from(span: StartedSpan) -> Self {
        PolledSpan::of_span(Held::Owner(span))
    }
}

/// Only made current.
impl From<SpanRef> for PolledSpan {
    fn from(span: SpanRef) -> Self {
        PolledSpan::of_span(Held::Reference(span))
    }
}

/// Only made current.
impl From<&SpanRef> for PolledSpan {
    fn from(span: &SpanRef) -> Self {
        PolledSpan::from(span.clone())
    }
}

/// All of it.
impl From<Snapshot> for PolledSpan {
    fn from(snapshot: Snapshot) -> Self {
        PolledSpan::of_layers(snapshot.layers())
    }
}

impl fmt::Debug for PolledSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolledSpan").field(self.span()).finish()
    }
}
