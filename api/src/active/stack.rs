//! The stack of a thread.
//!
//! No back end, destructor or other foreign code runs while it is borrowed: what such code needs is taken out first,
//! and what comes off is dropped afterwards. So foreign code may do what it likes, except see the very span that is
//! lent to it.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::entry::{Entry, Layer, What};
use crate::{
    Native, Span, SpanRef, Tracer, TracerHandle,
    tracer::{installed, now_in_use},
};

/// Ids are handed out to threads in blocks.
const BLOCK: u64 = 1 << 20;
static BLOCKS: AtomicU64 = AtomicU64::new(1);

struct Stack {
    entries: RefCell<Vec<Entry>>,
    next: Cell<u64>,
    /// How many entries are tracers, and how many suppress: most stacks have none.
    tracers: Cell<u32>,
    suppressed: Cell<u32>,
}

thread_local! {
    static STACK: Stack = const {
        Stack {
            entries: RefCell::new(Vec::new()),
            next: Cell::new(0),
            tracers: Cell::new(0),
            suppressed: Cell::new(0),
        }
    };
}

/// Where an entry lies, and which it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    index: usize,
    id: u64,
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
            What::Span(_) => return,
            What::Tracer(_) => &self.tracers,
            What::Suppressed(_) => &self.suppressed,
        };
        counter.set(counter.get().saturating_add_signed(change));
    }

    /// What an entry needs to find its way when nothing else was left above it.
    fn put(&self, entry: Entry) -> Place {
        self.count(&entry.what, 1);
        let id = entry.id;
        let mut entries = self.entries.borrow_mut();
        entries.push(entry);
        Place { index: entries.len() - 1, id }
    }

    fn take(&self, place: Place) -> Option<Entry> {
        let mut entries = self.entries.borrow_mut();
        let here = entries.get(place.index).is_some_and(|entry| entry.id == place.id);
        let index =
            if here { place.index } else { entries.iter().rposition(|entry| entry.id == place.id)? };
        let entry = entries.remove(index);
        self.count(&entry.what, -1);
        Some(entry)
    }

    fn pop(&self) -> Option<Entry> {
        let entry = self.entries.borrow_mut().pop()?;
        self.count(&entry.what, -1);
        Some(entry)
    }
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
    let id = STACK.try_with(Stack::new_id).ok()?;
    let mut entry = Entry { id, what };
    entry.enter();
    push_entered(entry)
}

/// Puts an entry on top that has been entered; on a thread that is ending it is left again.
fn push_entered(entry: Entry) -> Option<Place> {
    let mut entry = Some(entry);
    let place = STACK.try_with(|stack| entry.take().map(|entry| stack.put(entry)));
    if let Some(mut entry) = entry {
        entry.leave();
    }
    place.ok().flatten()
}

/// Takes off one entry, wherever it lies by now.
pub(super) fn remove(place: Place) {
    let entry = STACK.try_with(|stack| stack.take(place));
    if let Ok(Some(mut entry)) = entry {
        entry.leave();
    }
}

/// Takes off an entry and whatever was forgotten above it, from the top.
pub(super) fn truncate(place: Place) {
    take_off(place.id, drop);
}

/// Takes off the entry `id` and all that lies above it, from the top, and hands each to `keep`. Where it no longer
/// lies here, nothing happens.
#[inline]
pub(super) fn take_off(id: u64, mut keep: impl FnMut(Entry)) {
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
#[inline]
fn pop_above(id: u64) -> Option<Entry> {
    let pop = |stack: &Stack| {
        let there = {
            let entries = stack.entries.borrow();
            entries.last()?.id == id || entries.iter().any(|entry| entry.id == id)
        };
        if there { stack.pop() } else { None }
    };
    STACK.try_with(pop).ok().flatten()
}

/// Puts on an entry that was on a stack before.
#[inline]
pub(super) fn push_again(mut entry: Entry) {
    entry.enter();
    push_entered(entry);
}

/// A new entry that is not on a stack yet.
pub(super) fn entry(what: What) -> Entry {
    now_in_use();
    let id = STACK.try_with(Stack::new_id).unwrap_or(0);
    Entry { id, what }
}

/// What decides about a child: the nearest span or scoped tracer.
pub(super) enum Nearest {
    Nothing,
    Tracer(TracerHandle),
    Span(Lent),
}

/// A span of the stack with its live pointer, which goes back when this is dropped.
pub(super) struct Lent {
    pub(super) context: crate::Context,
    live: Option<Arc<dyn Span>>,
    entered: crate::Entered,
    place: Place,
}

impl Lent {
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }

    /// Whether the back end's own context has moved on.
    pub(super) fn native(&self) -> Native {
        match &self.live {
            Some(live) if !self.entered.is_nothing() => live.native_since(self.entered),
            _ => Native::Unchanged,
        }
    }

    pub(super) fn span(&self) -> SpanRef {
        SpanRef::new(self.context.clone(), self.live.clone())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(live) = self.live.take() else { return };
        let mut live = Some(live);
        let back = |stack: &Stack| {
            let mut entries = stack.entries.borrow_mut();
            let here = entries.get(self.place.index).is_some_and(|entry| entry.id == self.place.id);
            let index = if here {
                Some(self.place.index)
            } else {
                entries.iter().rposition(|entry| entry.id == self.place.id)
            };
            if let Some(Entry { what: What::Span(layer), .. }) =
                index.and_then(|index| entries.get_mut(index))
            {
                layer.live = live.take();
            }
        };
        let _ = STACK.try_with(back);
        // The entry went meanwhile, and could not leave without the pointer.
        if let Some(live) = live {
            if !self.entered.is_nothing() {
                live.leave(self.entered);
            }
        }
    }
}

/// The nearest span or scoped tracer. The span's pointer is lent: until it is back, foreign code sees a span that is
/// not recorded.
pub(super) fn nearest() -> Nearest {
    let find = |stack: &Stack| {
        let mut entries = stack.entries.borrow_mut();
        for (index, entry) in entries.iter_mut().enumerate().rev() {
            match &mut entry.what {
                What::Span(layer) => return Nearest::Span(lend(layer, Place { index, id: entry.id })),
                What::Tracer(tracer) => return Nearest::Tracer(tracer.clone()),
                What::Suppressed(_) => {}
            }
        }
        Nearest::Nothing
    };
    STACK.try_with(find).unwrap_or(Nearest::Nothing)
}

fn lend(layer: &mut Layer, place: Place) -> Lent {
    Lent { context: layer.context.clone(), live: layer.live.take(), entered: layer.entered, place }
}

/// The ids of the nearest span, where its back end need not be asked.
pub(super) fn plain_ids() -> Result<Option<(crate::TraceId, crate::SpanId)>, MustAsk> {
    let find = |stack: &Stack| {
        for entry in stack.entries.borrow().iter().rev() {
            match &entry.what {
                What::Span(layer) if layer.entered.is_nothing() => return Ok(layer.context.ids()),
                // A tracer may have a current span of its own.
                What::Span(_) | What::Tracer(_) => return Err(MustAsk),
                What::Suppressed(_) => {}
            }
        }
        Err(MustAsk)
    };
    STACK.try_with(find).unwrap_or(Ok(None))
}

/// Only the back end knows.
pub(super) struct MustAsk;

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
pub(super) fn tracer_in_force() -> Option<TracerHandle> {
    scoped_tracer().or_else(|| installed().cloned().map(TracerHandle::from))
}
