//! A stack of one's own, put on and taken off again.

use std::{fmt, thread};

use super::{
    entry::{Entry, What},
    snapshot::Snapshot,
    stack,
};
use crate::{Ending, SpanRef, StartedSpan, TraceContext, TracerHandle, tracer::in_use};

/// What is current during each [`run`](Self::run), and between them not: for whatever is polled.
///
/// Made from a [`StartedSpan`], which ends with it; from a [`SpanRef`], which is only made current; or from a
/// [`Snapshot`]. It takes along the scoped tracer and the suppression of where it is made. What `work` leaves current,
/// because it keeps a guard, is current again in the next run and nowhere between.
///
/// Dropped without [`finish`](Self::finish), its span ends as cancelled, or as panicked when a run panicked.
///
/// ```
/// use anytrace_api::{self as trace, Carried};
///
/// /// A response body, which somebody polls now and then.
/// struct Body {
///     span: Carried,
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
/// let mut body = Body { span: trace::start_span("body").carried(), rest: vec![1] };
/// while body.poll().is_some() {}
/// ```
#[must_use = "dropped at once, it ends the span as cancelled"]
pub struct Carried {
    held: Held,
    layers: Layers,
}

/// What a run puts on the thread's stack, and takes off again.
#[derive(Default)]
struct Layers {
    /// The only entry, as a rule.
    first: Option<Box<Entry>>,
    /// All of them, from the bottom, where there are more.
    rest: Vec<Box<Entry>>,
    panicked: bool,
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

impl Carried {
    fn of_span(held: Held) -> Self {
        let mut layers = Layers::default();
        layers.extend(stack::scoped_tracer().map(What::Tracer));
        layers.extend(stack::is_suppressed().then(What::suppressed));
        let span = held.span();
        // An empty one hides what is current around it, as a scope of it does.
        layers.extend((in_use() || !span.is_none()).then(|| What::from(span.clone())));
        Carried { held, layers }
    }

    fn of_layers(what: impl IntoIterator<Item = What>) -> Self {
        let mut layers = Layers::default();
        layers.extend(what);
        Carried { held: Held::Reference(SpanRef::none()), layers }
    }

    pub(crate) fn with_tracer(tracer: &TracerHandle) -> Self {
        Carried::of_layers([What::Tracer(tracer.resolve())])
    }

    pub(crate) fn suppressed() -> Self {
        Carried::of_layers(Snapshot::here().layers().chain([What::suppressed()]))
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
        self.end_as(Ending::Finished);
    }

    /// Ends the span now, and says how.
    pub fn end_as(&mut self, how: Ending) {
        self.layers.clear();
        if let Held::Owner(span) = &mut self.held {
            let context = span.context().clone();
            let held = Held::Reference(SpanRef::from(context));
            if let Held::Owner(span) = std::mem::replace(&mut self.held, held) {
                span.finish_as(how);
            }
        }
    }

    /// Ends the span now.
    pub fn finish(mut self) {
        self.end();
    }
}

impl Extend<What> for Layers {
    fn extend<T: IntoIterator<Item = What>>(&mut self, layers: T) {
        for layer in layers {
            self.keep(stack::entry(layer));
        }
    }
}

impl Layers {
    fn keep(&mut self, entry: Box<Entry>) {
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(entry);
        } else {
            self.rest.extend(self.first.take());
            self.rest.push(entry);
        }
    }

    #[inline]
    fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let Some(lowest) = self.first.as_ref().or(self.rest.first()).map(|entry| entry.id) else {
            return work();
        };
        let unwinding = thread::panicking();
        match self.first.take() {
            Some(entry) => stack::push_again(entry),
            None => self.rest.drain(..).for_each(stack::push_again),
        }
        let _take_off = TakeOff { layers: self, lowest, unwinding };
        work()
    }

    fn clear(&mut self) {
        self.first.take().into_iter().chain(self.rest.drain(..)).for_each(stack::recycle);
    }
}

/// Takes off what a run put on and left on, also after a panic.
struct TakeOff<'a> {
    layers: &'a mut Layers,
    /// The layer that no guard can take off.
    lowest: u64,
    unwinding: bool,
}

impl Drop for TakeOff<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.unwinding && thread::panicking() {
            self.layers.panicked = true;
        }
        match stack::take_top(self.lowest) {
            Some(only) => self.layers.first = Some(only),
            None => self.take_several(),
        }
    }
}

impl TakeOff<'_> {
    #[cold]
    fn take_several(&mut self) {
        stack::take_off(self.lowest, |entry| self.layers.keep(entry));
        // They came from the top.
        self.layers.rest.reverse();
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        self.layers.clear();
        if let Held::Owner(span) = &mut self.held {
            span.end_dropped(if self.layers.panicked { Ending::Panicked } else { Ending::Cancelled });
        }
    }
}

/// Ends with what carries it.
impl From<StartedSpan> for Carried {
    fn from(span: StartedSpan) -> Self {
        Carried::of_span(Held::Owner(span))
    }
}

/// Only made current.
impl From<SpanRef> for Carried {
    fn from(span: SpanRef) -> Self {
        Carried::of_span(Held::Reference(span))
    }
}

/// Only made current.
impl From<&SpanRef> for Carried {
    fn from(span: &SpanRef) -> Self {
        Carried::from(span.clone())
    }
}

/// All of it.
impl From<Snapshot> for Carried {
    fn from(snapshot: Snapshot) -> Self {
        Carried::of_layers(snapshot.layers())
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Carried").field(self.span()).finish()
    }
}
