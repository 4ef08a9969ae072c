//! What a run puts on the thread's stack, and takes off again.

use std::mem;

use super::{
    entry::{Entry, Id, What},
    guarded,
    link::{Link, attach},
    stack,
};

/// Layers that lie on no stack, or on that of the thread that runs with them.
pub(super) struct Layers {
    /// The only one, as a rule; from there one leads to the next above.
    lowest: Link,
    panicked: bool,
}

impl Layers {
    /// From the bottom.
    pub(super) fn new(layers: impl IntoIterator<Item = What>) -> Self {
        let mut lowest = None;
        let mut link = &mut lowest;
        for layer in layers {
            link = &mut link.insert(guarded::entry(layer)).next;
        }
        Layers { lowest, panicked: false }
    }

    /// Whether a run panicked.
    pub(super) fn panicked(&self) -> bool {
        self.panicked
    }

    /// Does `work` with them on top of the stack; whatever it leaves above them is part of them from then on.
    #[inline]
    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let Some(lowest) = &self.lowest else { return work() };
        let id = lowest.id;
        // As a rule.
        if lowest.is_plain() && lowest.next.is_none() {
            stack::here(|stack| self.lowest.take().map(|only| stack.put_span(only)));
        } else {
            self.put_several();
        }
        let on = On { layers: self, lowest: id };
        let result = work();
        match stack::here(|stack| stack.take_plain_top(id)) {
            Some(only) => on.layers.put_lowest(only),
            None => on.layers.take_several(id),
        }
        mem::forget(on);
        result
    }

    #[cold]
    fn put_several(&mut self) {
        stack::here(|stack| {
            while let Some(mut entry) = self.take_lowest() {
                entry.enter();
                stack.put(entry);
            }
        });
    }

    /// Takes off what a run put on and left on.
    #[cold]
    fn take_several(&mut self, lowest: Id) {
        stack::here(|stack| stack.take_off(lowest, |entry| self.put_lowest(entry)));
    }

    #[cold]
    fn take_panicked(&mut self, lowest: Id) {
        self.panicked = true;
        self.take_several(lowest);
    }

    #[inline]
    fn take_lowest(&mut self) -> Option<Box<Entry>> {
        let mut lowest = self.lowest.take()?;
        attach(&mut self.lowest, lowest.next.take());
        Some(lowest)
    }

    #[inline]
    fn put_lowest(&mut self, mut entry: Box<Entry>) {
        attach(&mut entry.next, self.lowest.take());
        attach(&mut self.lowest, Some(entry));
    }

    pub(super) fn clear(&mut self) {
        while let Some(entry) = self.take_lowest() {
            stack::here(|stack| stack.boxes.put(entry));
        }
    }
}

/// Layers on the stack, to be taken off also after a panic.
struct On<'a> {
    layers: &'a mut Layers,
    /// The one that no guard can take off.
    lowest: Id,
}

impl Drop for On<'_> {
    #[inline]
    fn drop(&mut self) {
        self.layers.take_panicked(self.lowest);
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
