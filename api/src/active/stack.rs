//! The stack of a thread.
//!
//! No back end, destructor or other foreign code runs while it is borrowed: what such code needs is taken out first,
//! and what comes off is dropped afterwards. So foreign code may do what it likes, except see the very span that is
//! lent to it.

use std::{
    cell::{Cell, RefCell},
    sync::atomic::{AtomicU64, Ordering},
};

use super::entry::{Entry, Layer, What};
use crate::{
    SpanRef, TraceContext, Tracer, TracerHandle,
    tracer::{installed, now_in_use},
};

/// Ids are handed out to threads in blocks.
const BLOCK: u64 = 1 << 20;
static BLOCKS: AtomicU64 = AtomicU64::new(1);

/// How many empty boxes a thread keeps.
const SPARE: usize = 16;

pub(super) struct Stack {
    pub(super) entries: RefCell<Vec<Box<Entry>>>,
    /// Empty boxes.
    spare: RefCell<Vec<Box<Entry>>>,
    next: Cell<u64>,
    /// How many entries are tracers, and how many suppress: most stacks have none.
    tracers: Cell<u32>,
    suppressed: Cell<u32>,
}

thread_local! {
    pub(super) static STACK: Stack = const {
        Stack {
            entries: RefCell::new(Vec::new()),
            spare: RefCell::new(Vec::new()),
            next: Cell::new(0),
            tracers: Cell::new(0),
            suppressed: Cell::new(0),
        }
    };
}

/// Where an entry lies, and which it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(super) index: usize,
    pub(super) id: u64,
}

impl Stack {
    fn new_id(&self) -> u64 {
        let mut id = self.next.get();
        if id % BLOCK == 0 {
            id = BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK;
        }
        self.next.set(id + 1);
        id
    }

    fn count(&self, what: &What, change: i32) {
        let counter = match what {
            What::Span(_) | What::Nothing => return,
            What::Tracer(_) => &self.tracers,
            What::Suppressed(_) => &self.suppressed,
        };
        counter.set(counter.get().saturating_add_signed(change));
    }

    #[inline]
    fn empty_box(&self) -> Box<Entry> {
        let spare = self.spare.borrow_mut().pop();
        spare.unwrap_or_else(|| Box::new(Entry { id: 0, what: What::Nothing }))
    }

    #[inline]
    fn new_entry(&self, what: What) -> Box<Entry> {
        let mut entry = self.empty_box();
        entry.id = self.new_id();
        entry.what = what;
        entry
    }

    #[inline]
    fn put(&self, entry: Box<Entry>) -> Place {
        self.count(&entry.what, 1);
        let id = entry.id;
        let mut entries = self.entries.borrow_mut();
        entries.push(entry);
        Place { index: entries.len() - 1, id }
    }

    /// Drops what is inside, and keeps the box.
    #[inline]
    fn recycle(&self, mut entry: Box<Entry>) {
        entry.what = What::Nothing;
        let mut spare = self.spare.borrow_mut();
        if spare.len() < SPARE {
            spare.push(entry);
        }
    }

    fn take(&self, place: Place) -> Option<Box<Entry>> {
        let mut entries = self.entries.borrow_mut();
        // The top, as a rule.
        let entry = match entries.last() {
            Some(top) if top.id == place.id => entries.pop()?,
            _ => {
                let index = position(&entries, place)?;
                entries.remove(index)
            }
        };
        self.count(&entry.what, -1);
        Some(entry)
    }

    #[inline]
    fn pop(&self) -> Option<Box<Entry>> {
        let entry = self.entries.borrow_mut().pop()?;
        self.count(&entry.what, -1);
        Some(entry)
    }
}

/// Where the entry of `place` lies by now.
pub(super) fn position(entries: &[Box<Entry>], place: Place) -> Option<usize> {
    let here = entries.get(place.index).is_some_and(|entry| entry.id == place.id);
    if here { Some(place.index) } else { entries.iter().rposition(|entry| entry.id == place.id) }
}

/// At the end of the thread, from the top.
impl Drop for Stack {
    fn drop(&mut self) {
        while let Some(mut entry) = self.pop() {
            entry.leave();
        }
    }
}

/// Puts `what` on top; none when the thread is ending.
pub(super) fn push(what: What) -> Option<Place> {
    now_in_use();
    let push = |stack: &Stack| {
        let mut entry = stack.new_entry(what);
        entry.enter();
        stack.put(entry)
    };
    STACK.try_with(push).ok()
}

/// The same for a span.
#[inline]
pub(super) fn push_span(span: &SpanRef) -> Option<Place> {
    now_in_use();
    let push = |stack: &Stack| {
        let entered = span.live().and_then(|live| live.enter(span.context()));
        stack.put(stack.new_entry(What::Span(Layer::entered(span, entered))))
    };
    STACK.try_with(push).ok()
}

/// Takes off one entry, wherever it lies by now.
#[inline]
pub(super) fn remove(place: Place) {
    let _ = STACK.try_with(|stack| {
        if let Some(mut entry) = stack.take(place) {
            entry.leave();
            stack.recycle(entry);
        }
    });
}

/// Takes off an entry and whatever was forgotten above it, from the top.
pub(super) fn truncate(place: Place) {
    take_off(place.id, recycle);
}

/// Takes off the entry `id` and all that lies above it, from the top, and hands each to `keep`. Where it no longer
/// lies here, nothing happens.
pub(super) fn take_off(id: u64, mut keep: impl FnMut(Box<Entry>)) {
    while let Some(mut entry) = pop_above(id) {
        entry.leave();
        let last = entry.id == id;
        keep(entry);
        if last {
            break;
        }
    }
}

/// The top, if the entry `id` is there, or somewhere below it.
fn pop_above(id: u64) -> Option<Box<Entry>> {
    let pop = |stack: &Stack| {
        let there = {
            let entries = stack.entries.borrow();
            entries.last()?.id == id || entries.iter().any(|entry| entry.id == id)
        };
        if there { stack.pop() } else { None }
    };
    STACK.try_with(pop).ok().flatten()
}

/// Takes off the entry `id` where it is on top, as a rule.
#[inline]
pub(super) fn take_top(id: u64) -> Option<Box<Entry>> {
    let take = |stack: &Stack| {
        let is_top = stack.entries.borrow().last().is_some_and(|top| top.id == id);
        let mut entry = if is_top { stack.pop()? } else { return None };
        entry.leave();
        Some(entry)
    };
    STACK.try_with(take).ok().flatten()
}

/// Whether nothing is current.
#[inline]
pub(super) fn is_empty() -> bool {
    STACK.try_with(|stack| stack.entries.borrow().is_empty()).unwrap_or(true)
}

/// Puts on an entry that was on a stack before.
#[inline]
pub(super) fn push_again(mut entry: Box<Entry>) {
    let _ = STACK.try_with(|stack| {
        entry.enter();
        stack.put(entry);
    });
}

/// A new entry that is not on a stack yet.
pub(super) fn entry(what: What) -> Box<Entry> {
    now_in_use();
    let mut what = Some(what);
    let entry = STACK.try_with(|stack| what.take().map(|what| stack.new_entry(what)));
    entry.ok().flatten().unwrap_or_else(|| Box::new(Entry { id: 0, what: what.unwrap_or(What::Nothing) }))
}

/// Drops what is inside, and keeps the box.
pub(super) fn recycle(entry: Box<Entry>) {
    let _ = STACK.try_with(|stack| stack.recycle(entry));
}

/// Whether anything suppresses tracing here.
pub(super) fn is_suppressed() -> bool {
    STACK.try_with(|stack| stack.suppressed.get() > 0).unwrap_or(false)
}

/// The tracer of the nearest scope, if there is one. Never late bound.
pub(crate) fn scoped_tracer() -> Option<TracerHandle> {
    let find = |stack: &Stack| {
        if stack.tracers.get() == 0 {
            return None;
        }
        stack.entries.borrow().iter().rev().find_map(|entry| match &entry.what {
            What::Tracer(tracer) => Some(tracer.clone()),
            _ => None,
        })
    };
    STACK.try_with(find).ok().flatten()
}

/// Does `work` with the scoped tracer, else the installed one.
pub(crate) fn with_tracer_in_force<R>(work: impl FnOnce(Option<&dyn Tracer>) -> R) -> R {
    match scoped_tracer() {
        Some(scoped) => scoped.with(work),
        None => work(installed().map(|tracer| &**tracer)),
    }
}

/// The scoped tracer, else the installed one, to be kept.
pub(crate) fn tracer_in_force() -> Option<TracerHandle> {
    scoped_tracer().or_else(|| installed().cloned().map(TracerHandle::from))
}
