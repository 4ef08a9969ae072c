//! A span that is current only while it is polled.

use std::{fmt, mem};

use super::{
    entry::{Entry, EntryId, EntryList, Layer, append},
    global::in_use,
    lookup::{is_suppressed, resolve, scoped_tracer},
    push_pop::{attach, new_layer},
    snapshot::Snapshot,
    stack::with_stack,
};
use crate::{
    backend::{end::EndReason, handle::TracerHandle, reference::SpanRef, started::StartedSpan},
    model::TraceContext,
};

/// A span that is current during each [`run`](Self::run) and not between runs: for futures, bodies and streams, which are
/// polled.
///
/// Created from a [`StartedSpan`], which ends with the polled span; from a [`SpanRef`], which only becomes current; or
/// from a [`Snapshot`]. The scoped tracer and the suppression of the place where the polled span is created are current in
/// its runs too. A span that `work` leaves current, because it keeps a guard, is current again in the next run.
///
/// If the polled span is dropped before [`finish`](Self::finish), its span ends as [`EndReason::Cancelled`], or as
/// [`EndReason::Panicked`] if a run panicked.
///
/// ```
/// use anytrace_api::{self as trace, PolledSpan};
///
/// /// A response body, which the server polls for bytes.
/// struct Body {
///     span: PolledSpan,
///     bytes: Vec<u8>,
/// }
///
/// impl Body {
///     fn poll(&mut self) -> Option<u8> {
///         let byte = self.span.run(|| self.bytes.pop());
///         if byte.is_none() {
///             self.span.end();
///         }
///         byte
///     }
/// }
///
/// let mut body = Body { span: trace::start_span("body").into_polled(), bytes: vec![1] };
/// while body.poll().is_some() {}
/// ```
#[must_use = "a polled span that is dropped at once ends its span as cancelled"]
pub struct PolledSpan {
    held: Held,
    layers: Layers,
}

/// The span, with or without the duty to end it.
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
        // An empty span hides the span that is current around it, like a scope of the empty span.
        let span = (in_use() || !span.is_none()).then(|| Layer::Span(span.clone()));
        let tracer = scoped_tracer().map(Layer::Tracer);
        let suppression = is_suppressed().then_some(Layer::Suppression);
        PolledSpan { held, layers: Layers::new([tracer, suppression, span].into_iter().flatten()) }
    }

    fn of_layers(layers: impl IntoIterator<Item = Layer>) -> Self {
        PolledSpan { held: Held::Reference(SpanRef::none()), layers: Layers::new(layers) }
    }

    pub(super) fn with_tracer(tracer: &TracerHandle) -> Self {
        PolledSpan::of_layers([Layer::Tracer(resolve(tracer))])
    }

    pub(super) fn suppressed() -> Self {
        PolledSpan::of_layers(Snapshot::here().layers().chain([Layer::Suppression]))
    }

    /// Returns the span.
    pub fn span(&self) -> &SpanRef {
        self.held.span()
    }

    /// Calls `work` with the span current.
    pub fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.run_with(|_| work())
    }

    pub(super) fn run_with<R>(&mut self, work: impl FnOnce(&SpanRef) -> R) -> R {
        let span = self.held.span();
        self.layers.run(|| work(span))
    }

    /// Returns true if the polled span owns a span that has not ended yet.
    pub fn is_open(&self) -> bool {
        matches!(self.held, Held::Owner(_))
    }

    /// Ends the span now and keeps the polled span, whose later runs have no span. Does nothing for a reference.
    pub fn end(&mut self) {
        self.end_as(EndReason::Finished);
    }

    /// Ends the span now, for another reason.
    pub fn end_as(&mut self, reason: EndReason) {
        self.layers.clear();
        if let Held::Owner(span) = &mut self.held {
            let context = span.context().clone();
            let held = Held::Reference(SpanRef::from(context));
            if let Held::Owner(span) = mem::replace(&mut self.held, held) {
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

/// The span ends with the polled span.
impl From<StartedSpan> for PolledSpan {
    fn from(span: StartedSpan) -> Self {
        PolledSpan::of_span(Held::Owner(span))
    }
}

/// The span becomes current in each run and does not end.
impl From<SpanRef> for PolledSpan {
    fn from(span: SpanRef) -> Self {
        PolledSpan::of_span(Held::Reference(span))
    }
}

/// The span becomes current in each run and does not end.
impl From<&SpanRef> for PolledSpan {
    fn from(span: &SpanRef) -> Self {
        PolledSpan::from(span.clone())
    }
}

/// The span, the scoped tracer and the suppression become current in each run.
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

impl StartedSpan {
    /// Returns the span in a form that is current only during calls of [`PolledSpan::run`]: for hand-written futures,
    /// bodies and streams.
    ///
    /// ```
    /// let mut span = anytrace_api::start_span("body").into_polled();
    /// span.run(|| anytrace_api::event("polled"));
    /// span.finish();
    /// ```
    pub fn into_polled(self) -> PolledSpan {
        PolledSpan::from(self)
    }
}

/// Layers that are on the stack of a thread only during a run.
pub(super) struct Layers {
    /// The lowest layer, which links to the next one above. Usually the only layer.
    lowest: EntryList,
    panicked: bool,
}

impl Layers {
    /// Creates the layers, from the lowest.
    fn new(layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut lowest = None;
        let mut link = &mut lowest;
        for layer in layers {
            link = &mut link.insert(new_layer(layer)).next;
        }
        Layers { lowest, panicked: false }
    }

    fn panicked(&self) -> bool {
        self.panicked
    }

    /// Calls `work` with the layers on top of the stack. Entries that `work` leaves above them join the layers.
    #[inline]
    fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let Some(lowest) = &self.lowest else { return work() };
        let id = lowest.id;
        if lowest.is_plain_span() && lowest.next.is_none() {
            with_stack(|stack| self.lowest.take().map(|only| stack.push_span(only)));
        } else {
            self.push_all();
        }
        let on_stack = OnStack { layers: self, lowest: id };
        let result = work();
        match with_stack(|stack| stack.take_plain_top(id)) {
            Some(only) => on_stack.layers.put_lowest(only),
            None => on_stack.layers.remove_all(id),
        }
        mem::forget(on_stack);
        result
    }

    #[cold]
    fn push_all(&mut self) {
        with_stack(|stack| {
            while let Some(mut entry) = self.take_lowest() {
                attach(&mut entry);
                stack.push(entry);
            }
        });
    }

    #[cold]
    fn remove_all(&mut self, lowest: EntryId) {
        with_stack(|stack| stack.remove_from(lowest, |entry| self.put_lowest(entry)));
    }

    #[cold]
    fn remove_after_panic(&mut self, lowest: EntryId) {
        self.panicked = true;
        self.remove_all(lowest);
    }

    #[inline]
    fn take_lowest(&mut self) -> Option<Box<Entry>> {
        let mut lowest = self.lowest.take()?;
        append(&mut self.lowest, lowest.next.take());
        Some(lowest)
    }

    #[inline]
    fn put_lowest(&mut self, mut entry: Box<Entry>) {
        append(&mut entry.next, self.lowest.take());
        append(&mut self.lowest, Some(entry));
    }

    fn clear(&mut self) {
        while let Some(entry) = self.take_lowest() {
            with_stack(|stack| stack.pool.put(entry));
        }
    }
}

/// Removes the layers from the stack after a panic.
struct OnStack<'a> {
    layers: &'a mut Layers,
    /// The entry that no guard can remove.
    lowest: EntryId,
}

impl Drop for OnStack<'_> {
    #[inline]
    fn drop(&mut self) {
        self.layers.remove_after_panic(self.lowest);
    }
}

#[cfg(test)]
mod tests {
    use std::mem;

    use crate::{Context, PolledSpan, Sampling, SpanId, SpanRef, TraceId, current_ids};

    fn span(id: u64) -> SpanRef {
        let trace = TraceId::from_u128(1).expect("not zero");
        Context::new(trace, SpanId::from_u64(id).expect("not zero"), Sampling::Record).into()
    }

    fn current() -> Option<u64> {
        current_ids().map(|(_, span)| span.to_u64())
    }

    #[test]
    fn what_a_run_leaves_on_comes_back_in_the_same_order() {
        let mut carried = PolledSpan::from(span(1));
        let (mut second, mut third) = (None, None);
        carried.run(|| (second, third) = (Some(span(2).enter()), Some(span(3).enter())));
        assert_eq!(current(), None);
        for _ in 0..3 {
            let _around = span(9).enter();
            carried.run(|| assert_eq!(current(), Some(3)));
            assert_eq!(current(), Some(9));
        }
        carried.run(|| drop(third));
        carried.run(|| assert_eq!(current(), Some(2)));
        carried.run(|| drop(second));
        carried.run(|| assert_eq!(current(), Some(1)));
        assert_eq!(current(), None);
    }

    #[test]
    fn what_lies_below_may_go_in_a_run() {
        let mut carried = PolledSpan::from(span(1));
        let around = span(2).enter();
        carried.run(|| {
            drop(around);
            // Now this one lies where the carried one was put.
            mem::forget(span(3).enter());
        });
        assert_eq!(current(), None);
        carried.run(|| assert_eq!(current(), Some(3)));
    }
}
