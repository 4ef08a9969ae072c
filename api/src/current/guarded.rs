//! What guards and closures put on the stack, and take off.

use super::{
    entry::{Entry, Id, Kind, What},
    stack,
};
use crate::{SpanRef, TraceContext, tracer::now_in_use};

/// A new entry that is not on a stack yet.
pub(super) fn entry(what: What) -> Box<Entry> {
    now_in_use();
    let mut entry = stack::here(|stack| stack.boxes.take()).unwrap_or_else(|| Box::new(Entry::EMPTY));
    entry.fill(what);
    entry
}

/// Puts `what` on top; none when the thread is ending.
pub(super) fn push(what: What) -> Option<Id> {
    now_in_use();
    stack::here(|stack| {
        let mut entry = stack.boxes.take()?;
        let id = entry.id;
        entry.fill(what);
        entry.enter();
        stack.put(entry);
        Some(id)
    })
}

/// The same for a span.
#[inline]
pub(super) fn push_span(span: &SpanRef) -> Option<Id> {
    now_in_use();
    stack::here(|stack| {
        let mut entry = stack.boxes.take()?;
        let id = entry.id;
        if let Some(entered) = span.live().and_then(|live| live.enter(span.context())) {
            entry.kind = Kind::Native;
            entry.entered = entered;
        }
        entry.fill_span(span.clone());
        stack.put_span(entry);
        Some(id)
    })
}

/// Takes off one entry, wherever it lies by now.
#[inline]
pub(super) fn remove(id: Id) {
    stack::here(|stack| {
        if let Some(mut entry) = stack.take(id) {
            entry.leave();
            stack.boxes.put(entry);
        }
    });
}

/// Takes off an entry and whatever was forgotten above it, from the top.
#[inline]
pub(super) fn truncate(id: Id) {
    stack::here(|stack| match stack.take_top(id) {
        Some(mut entry) => {
            entry.leave();
            stack.boxes.put(entry);
        }
        None => stack.take_off(id, |entry| stack.boxes.put(entry)),
    });
}
