//! The stack of a thread.
//!
//! It is a list, whose top is taken out of its cell and put back for each look at it. No backend, destructor or other
//! foreign code runs in between: what such code needs is taken off first, and what comes off is dropped afterwards. So
//! foreign code may do what it likes, except see the very span that is lent to it.

use std::{cell::Cell, mem::ManuallyDrop};

use super::{
    boxes::Boxes,
    entry::{Entry, Id, Kind},
    link::{Link, attach, put_back},
};

pub(super) struct Stack {
    top: Cell<Link>,
    pub(super) boxes: Boxes,
    /// How many entries are tracers, and how many suppress: most stacks have none.
    tracers: Cell<usize>,
    suppressed: Cell<usize>,
}

thread_local! {
    /// Without a destructor, so that a look at it asks nothing first. See [`end`](super::end).
    static STACK: ManuallyDrop<Stack> = const {
        ManuallyDrop::new(Stack {
            top: Cell::new(None),
            boxes: Boxes::new(),
            tracers: Cell::new(0),
            suppressed: Cell::new(0),
        })
    };
}

/// Does `work` with the stack of this thread.
#[inline]
pub(super) fn here<R>(work: impl FnOnce(&Stack) -> R) -> R {
    // As `with` does it, which is not inlined everywhere.
    STACK.try_with(|stack| work(stack)).expect("what has no destructor is always there")
}

impl Stack {
    #[inline]
    pub(super) fn put(&self, entry: Box<Entry>) {
        if let Some(counter) = self.counter(&entry.kind) {
            counter.set(counter.get() + 1);
        }
        self.put_span(entry);
    }

    /// The same for what is known to be a span.
    #[inline]
    pub(super) fn put_span(&self, mut entry: Box<Entry>) {
        attach(&mut entry.next, self.top.take());
        put_back(&self.top, Some(entry));
    }

    /// Takes off the entry `id`, wherever it lies by now.
    #[inline]
    pub(super) fn take(&self, id: Id) -> Option<Box<Entry>> {
        // The top, as a rule.
        self.take_top(id).or_else(|| self.take_below(id))
    }

    /// Takes off the entry `id`, if it is the top.
    #[inline]
    pub(super) fn take_top(&self, id: Id) -> Option<Box<Entry>> {
        let top = self.take_top_if(|top| top.id == id)?;
        self.uncount(&top.kind);
        Some(top)
    }

    /// The same, if it need not be left either.
    #[inline]
    pub(super) fn take_plain_top(&self, id: Id) -> Option<Box<Entry>> {
        self.take_top_if(|top| top.id == id && top.is_plain())
    }

    #[inline]
    fn take_top_if(&self, condition: impl FnOnce(&Entry) -> bool) -> Option<Box<Entry>> {
        let mut top = self.top.take()?;
        if condition(&top) {
            put_back(&self.top, top.next.take());
            return Some(top);
        }
        put_back(&self.top, Some(top));
        None
    }

    #[cold]
    fn take_below(&self, id: Id) -> Option<Box<Entry>> {
        let mut top = self.top.take();
        let place = place_of(&mut top, id);
        let found = place.take().map(|mut entry| {
            *place = entry.next.take();
            entry
        });
        put_back(&self.top, top);
        if let Some(entry) = &found {
            self.uncount(&entry.kind);
        }
        found
    }

    /// Takes off the entry `id` and all that lies above it, and hands each to `keep` after it was left, from the top.
    /// Where it no longer lies here, nothing happens.
    pub(super) fn take_off(&self, id: Id, mut keep: impl FnMut(Box<Entry>)) {
        let mut rest = self.cut_off(id);
        while let Some(mut entry) = rest {
            rest = entry.next.take();
            entry.leave();
            keep(entry);
        }
    }

    fn cut_off(&self, id: Id) -> Link {
        let mut top = self.top.take();
        let Some(last) = place_of(&mut top, id) else {
            put_back(&self.top, top);
            return None;
        };
        put_back(&self.top, last.next.take());
        let mut here = &top;
        while let Some(entry) = here {
            self.uncount(&entry.kind);
            here = &entry.next;
        }
        top
    }

    /// Takes off everything, from the top, to be dropped.
    pub(super) fn empty(&self) {
        while let Some(mut entry) = self.take_top_if(|_| true) {
            self.uncount(&entry.kind);
            entry.leave();
        }
    }

    /// Does `look`, which is no foreign code, with the top.
    #[inline]
    pub(super) fn with_top<R>(&self, look: impl FnOnce(Option<&mut Entry>) -> R) -> R {
        let mut top = self.top.take();
        let result = look(top.as_deref_mut());
        put_back(&self.top, top);
        result
    }

    /// The first answer of `look`, which is no foreign code, from the top.
    #[inline]
    pub(super) fn find<R>(&self, mut look: impl FnMut(&mut Entry) -> Option<R>) -> Option<R> {
        self.with_top(|mut here| {
            while let Some(entry) = here {
                let found = look(entry);
                if found.is_some() {
                    return found;
                }
                here = entry.next.as_deref_mut();
            }
            None
        })
    }

    #[inline]
    pub(super) fn has_tracers(&self) -> bool {
        self.tracers.get() > 0
    }

    #[inline]
    pub(super) fn is_suppressed(&self) -> bool {
        self.suppressed.get() > 0
    }

    fn uncount(&self, kind: &Kind) {
        if let Some(counter) = self.counter(kind) {
            counter.set(counter.get() - 1);
        }
    }

    fn counter(&self, kind: &Kind) -> Option<&Cell<usize>> {
        match kind {
            Kind::Plain | Kind::Native => None,
            Kind::Tracer(_) => Some(&self.tracers),
            Kind::Suppressed(_) => Some(&self.suppressed),
        }
    }
}

/// Where the entry `id` is linked to, or the end.
fn place_of(mut place: &mut Link, id: Id) -> &mut Link {
    while place.as_ref().is_some_and(|entry| entry.id != id) {
        match place {
            Some(entry) => place = &mut entry.next,
            None => break,
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use std::{mem, thread};

    use crate::{Context, PolledSpan, Sampling, Scope, SpanId, SpanRef, TraceId, current_ids};

    fn span(id: u64) -> SpanRef {
        let trace = TraceId::from_u128(1).expect("not zero");
        Context::new(trace, SpanId::from_u64(id).expect("not zero"), Sampling::Record).into()
    }

    fn entered(id: u64) -> Scope {
        span(id).enter()
    }

    fn current() -> Option<u64> {
        current_ids().map(|(_, span)| span.to_u64())
    }

    #[test]
    fn an_entry_is_taken_off_wherever_it_lies() {
        for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
            let mut scopes = [1, 2, 3].map(|id| Some(entered(id)));
            for (gone, id) in order.into_iter().enumerate() {
                drop(scopes[id - 1].take());
                let newest = (1..=3).rev().find(|id| !order[..=gone].contains(id));
                assert_eq!(current(), newest.map(|id| id as u64), "{order:?}, after {id}");
            }
        }
    }

    #[test]
    fn many_forgotten_entries_go_with_their_closure_or_their_thread() {
        const MANY: u64 = if cfg!(miri) { 100 } else { 100_000 };
        let forget_many = || (1..=MANY).for_each(|id| mem::forget(entered(id)));
        let thread = thread::spawn(move || {
            let outer = span(7);
            outer.in_scope(forget_many);
            assert_eq!(current(), None);
            let mut carried = PolledSpan::from(outer);
            carried.run(forget_many);
            assert_eq!(current(), None);
            drop(carried);
            forget_many();
        });
        thread.join().expect("no list was dropped by recursion");
    }
}
