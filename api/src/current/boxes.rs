//! Boxes for entries, used again and again.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    end::is_ending,
    entry::{Entry, Id},
    link::{Link, attach, put_back},
};

/// Ids are handed out to threads in blocks.
const BLOCK: u64 = 1 << 20;
static BLOCKS: AtomicU64 = AtomicU64::new(1);

/// How many empty boxes a thread keeps.
const SPARE: usize = 16;

pub(super) struct Boxes {
    /// Empty ones, and how many.
    spare: Cell<Link>,
    spares: Cell<usize>,
    next_id: Cell<u64>,
}

impl Boxes {
    pub(super) const fn new() -> Self {
        Boxes { spare: Cell::new(None), spares: Cell::new(0), next_id: Cell::new(0) }
    }

    /// An empty box, with an id of its own; none when the thread is ending.
    #[inline]
    pub(super) fn take(&self) -> Option<Box<Entry>> {
        let mut entry = match self.spare.take() {
            Some(mut entry) => {
                put_back(&self.spare, entry.next.take());
                self.spares.set(self.spares.get().wrapping_sub(1));
                entry
            }
            None => new_box()?,
        };
        entry.id = self.new_id();
        Some(entry)
    }

    #[inline]
    fn new_id(&self) -> Id {
        let mut id = self.next_id.get();
        if id % BLOCK == 0 {
            id = BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK;
        }
        self.next_id.set(id + Id::STEP);
        Id::new(id)
    }

    /// Drops what is inside, and keeps the box.
    #[inline]
    pub(super) fn put(&self, mut entry: Box<Entry>) {
        entry.clear();
        let spares = self.spares.get();
        if spares < SPARE && !is_ending() {
            self.spares.set(spares + 1);
            attach(&mut entry.next, self.spare.take());
            put_back(&self.spare, Some(entry));
        }
    }

    pub(super) fn empty(&self) {
        let mut spare = self.spare.take();
        while let Some(mut entry) = spare {
            spare = entry.next.take();
        }
        self.spares.set(0);
    }
}

#[cold]
fn new_box() -> Option<Box<Entry>> {
    (!is_ending()).then(|| Box::new(Entry::EMPTY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Sampling, Scope, SpanId, SpanRef, TraceId, active::stack};

    fn entered(id: u64) -> Scope {
        let trace = TraceId::from_u128(1).expect("not zero");
        let span = SpanId::from_u64(id).expect("not zero");
        SpanRef::from(Context::new(trace, span, Sampling::Record)).enter()
    }

    #[test]
    fn boxes_are_used_again_and_few_are_kept() {
        let scopes: Vec<_> = (1..100).map(entered).collect();
        drop(scopes);
        assert_eq!(spares(), SPARE);
        let scope = entered(1);
        assert_eq!(spares(), SPARE - 1);
        drop(scope);
        assert_eq!(spares(), SPARE);
    }

    fn spares() -> usize {
        stack::here(|stack| stack.boxes.spares.get())
    }
}
