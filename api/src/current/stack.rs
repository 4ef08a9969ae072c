//! The stack of a thread: what is current, from the newest entry down.
//!
//! The stack is a linked list, which is taken out of its cell during each look and put back afterwards. No code of a
//! backend or a user runs in between: a live span that such code needs is borrowed from its entry first, and removed
//! entries are dropped afterwards.

use std::{
    cell::Cell,
    mem::{self, ManuallyDrop},
    sync::atomic::{AtomicU64, Ordering},
};

use super::entry::{Entry, EntryId, EntryKind, EntryList, append, put_back};
use crate::model::Context;

pub(super) struct Stack {
    top: Cell<EntryList>,
    pub(super) pool: EntryPool,
    /// The numbers of entries that are tracers and that suppress: zero in most stacks.
    tracers: Cell<usize>,
    suppressions: Cell<usize>,
}

thread_local! {
    /// Without a destructor, so that an access needs no check. `THREAD_END` clears the stack.
    static STACK: ManuallyDrop<Stack> = const {
        ManuallyDrop::new(Stack {
            top: Cell::new(None),
            pool: EntryPool::new(),
            tracers: Cell::new(0),
            suppressions: Cell::new(0),
        })
    };
}

/// Calls `work` with the stack of this thread.
#[inline]
pub(super) fn with_stack<R>(work: impl FnOnce(&Stack) -> R) -> R {
    // `try_with` is inlined where `with` is not.
    STACK.try_with(|stack| work(stack)).expect("a thread-local without a destructor is always accessible")
}

impl Stack {
    #[inline]
    pub(super) fn push(&self, entry: Box<Entry>) {
        if let Some(counter) = self.counter(&entry.kind) {
            counter.set(counter.get() + 1);
        }
        self.push_span(entry);
    }

    /// Pushes an entry that is known to be a span, without counting.
    #[inline]
    pub(super) fn push_span(&self, mut entry: Box<Entry>) {
        append(&mut entry.next, self.top.take());
        put_back(&self.top, Some(entry));
    }

    /// Removes the entry `id` from any position.
    #[inline]
    pub(super) fn remove(&self, id: EntryId) -> Option<Box<Entry>> {
        self.take_top(id).or_else(|| self.take_below(id))
    }

    /// Removes the entry `id` if it is the top.
    #[inline]
    pub(super) fn take_top(&self, id: EntryId) -> Option<Box<Entry>> {
        let top = self.take_top_if(|top| top.id == id)?;
        self.uncount(&top.kind);
        Some(top)
    }

    /// Removes the entry `id` if it is the top and a span without a native context.
    #[inline]
    pub(super) fn take_plain_top(&self, id: EntryId) -> Option<Box<Entry>> {
        self.take_top_if(|top| top.id == id && top.is_plain_span())
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
    fn take_below(&self, id: EntryId) -> Option<Box<Entry>> {
        let mut top = self.top.take();
        let link = link_to(&mut top, id);
        let found = link.take().map(|mut entry| {
            *link = entry.next.take();
            entry
        });
        put_back(&self.top, top);
        if let Some(entry) = &found {
            self.uncount(&entry.kind);
        }
        found
    }

    /// Removes the entry `id` and all entries above it, and passes each to `keep` after its native context is detached,
    /// from the top. Does nothing if the entry is not on this stack.
    pub(super) fn remove_from(&self, id: EntryId, mut keep: impl FnMut(Box<Entry>)) {
        let mut removed = self.split_off(id);
        while let Some(mut entry) = removed {
            removed = entry.next.take();
            entry.detach();
            keep(entry);
        }
    }

    fn split_off(&self, id: EntryId) -> EntryList {
        let mut top = self.top.take();
        let Some(last) = link_to(&mut top, id) else {
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

    /// Removes and drops all entries, from the top.
    fn clear(&self) {
        while let Some(mut entry) = self.take_top_if(|_| true) {
            self.uncount(&entry.kind);
            entry.detach();
        }
    }

    /// Calls `look`, which must not run code of a backend or a user, with the top entry.
    #[inline]
    pub(super) fn with_top<R>(&self, look: impl FnOnce(Option<&mut Entry>) -> R) -> R {
        let mut top = self.top.take();
        let result = look(top.as_deref_mut());
        put_back(&self.top, top);
        result
    }

    /// Returns the first result of `look`, which must not run code of a backend or a user, from the top.
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
        self.suppressions.get() > 0
    }

    fn uncount(&self, kind: &EntryKind) {
        if let Some(counter) = self.counter(kind) {
            counter.set(counter.get() - 1);
        }
    }

    fn counter(&self, kind: &EntryKind) -> Option<&Cell<usize>> {
        match kind {
            EntryKind::Span | EntryKind::NativeSpan => None,
            EntryKind::Tracer(_) => Some(&self.tracers),
            EntryKind::Suppression(_) => Some(&self.suppressions),
        }
    }
}

/// Returns the link that holds the entry `id`, or the empty link at the end.
fn link_to(mut link: &mut EntryList, id: EntryId) -> &mut EntryList {
    while link.as_ref().is_some_and(|entry| entry.id != id) {
        match link {
            Some(entry) => link = &mut entry.next,
            None => break,
        }
    }
    link
}

/// Returns true if an entry of this thread is a span with this context.
pub(super) fn has_span(context: &Context) -> bool {
    with_stack(|stack| stack.find(|entry| entry.is_span_with(context).then_some(())).is_some())
}

/// Replaces the context of every entry of this thread that is a span with the context `old`.
pub(super) fn replace_context(old: &Context, new: &Context) {
    // Contexts may own values with destructors of the user: they are dropped after the last look at the stack.
    let mut replaced = Vec::new();
    with_stack(|stack| {
        stack.find(|entry| {
            if entry.is_span_with(old) {
                replaced.push(mem::replace(&mut entry.context, new.clone()));
            }
            None::<()>
        })
    });
}

/// Entry ids are handed out to threads in blocks of this size.
const ID_BLOCK: u64 = 1 << 20;
static ID_BLOCKS: AtomicU64 = AtomicU64::new(1);

/// The maximum number of empty entries that a thread keeps for reuse.
const SPARE_ENTRIES: usize = 16;

/// The empty entries of a thread, for reuse, and its entry ids.
pub(super) struct EntryPool {
    spare: Cell<EntryList>,
    spare_count: Cell<usize>,
    next_id: Cell<u64>,
}

impl EntryPool {
    const fn new() -> Self {
        EntryPool { spare: Cell::new(None), spare_count: Cell::new(0), next_id: Cell::new(0) }
    }

    /// Returns an empty entry with a new id; `None` when the thread is ending.
    #[inline]
    pub(super) fn take(&self) -> Option<Box<Entry>> {
        let mut entry = match self.spare.take() {
            Some(mut entry) => {
                put_back(&self.spare, entry.next.take());
                self.spare_count.set(self.spare_count.get().wrapping_sub(1));
                entry
            }
            None => new_entry()?,
        };
        entry.id = self.new_id();
        Some(entry)
    }

    #[inline]
    fn new_id(&self) -> EntryId {
        let mut id = self.next_id.get();
        if id % ID_BLOCK == 0 {
            id = ID_BLOCKS.fetch_add(1, Ordering::Relaxed) * ID_BLOCK;
        }
        self.next_id.set(id + EntryId::STEP);
        EntryId::new(id)
    }

    /// Drops the layer in `entry` and keeps the empty entry.
    #[inline]
    pub(super) fn put(&self, mut entry: Box<Entry>) {
        entry.clear();
        let spare_count = self.spare_count.get();
        if spare_count < SPARE_ENTRIES && !is_thread_ending() {
            self.spare_count.set(spare_count + 1);
            append(&mut entry.next, self.spare.take());
            put_back(&self.spare, Some(entry));
        }
    }

    fn clear(&self) {
        let mut spare = self.spare.take();
        while let Some(mut entry) = spare {
            spare = entry.next.take();
        }
        self.spare_count.set(0);
    }
}

#[cold]
fn new_entry() -> Option<Box<Entry>> {
    (!is_thread_ending()).then(|| Box::new(Entry::EMPTY))
}

thread_local! {
    /// Clears the stack of a thread that ends. Initialised before the first entry is created.
    static THREAD_END: ThreadEnd = const { ThreadEnd };
}

struct ThreadEnd;

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        with_stack(|stack| {
            stack.clear();
            stack.pool.clear();
        });
    }
}

/// Returns true while the thread is ending: nothing would remove an entry that is pushed now.
#[inline]
fn is_thread_ending() -> bool {
    THREAD_END.try_with(|_| ()).is_err()
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, mem, sync::Arc, thread};

    use super::{SPARE_ENTRIES, with_stack};
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

    #[test]
    fn entries_are_reused_and_few_are_spare() {
        let scopes: Vec<_> = (1..100).map(entered).collect();
        drop(scopes);
        assert_eq!(spare_entries(), SPARE_ENTRIES);
        let scope = entered(1);
        assert_eq!(spare_entries(), SPARE_ENTRIES - 1);
        drop(scope);
        assert_eq!(spare_entries(), SPARE_ENTRIES);
    }

    fn spare_entries() -> usize {
        with_stack(|stack| stack.pool.spare_count.get())
    }

    #[test]
    fn a_thread_leaves_nothing_behind() {
        /// Forgets a span at the end of its thread.
        struct AtEnd(RefCell<Option<SpanRef>>);
        impl Drop for AtEnd {
            fn drop(&mut self) {
                mem::forget(self.0.take().map(|span| (span.enter(), span).0));
            }
        }
        thread_local!(static AT_END: AtEnd = const { AtEnd(RefCell::new(None)) });

        for at_end_first in [true, false] {
            let value = Arc::new(());
            let spans = [2, 3, 4].map(|id| span(id).with_extension(value.clone()));
            let thread = thread::spawn(move || {
                let [forgotten, at_end, carried] = spans;
                let forget = || mem::forget(forgotten.enter());
                let hand_over = || AT_END.with(|end| *end.0.borrow_mut() = Some(at_end));
                if at_end_first {
                    (hand_over(), forget())
                } else {
                    (forget(), hand_over())
                };
                PolledSpan::from(carried).run(|| assert!(current_ids().is_some()));
            });
            thread.join().expect("it ends");
            assert_eq!(Arc::strong_count(&value), 1, "{at_end_first}");
        }
    }
}
