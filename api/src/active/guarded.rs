//! What guards and closures put on the stack, and take off.

use super::{
    entry::{Entry, Id, Kind, What},
    stack::{STACK, Stack},
};
use crate::{SpanRef, TraceContext, tracer::now_in_use};

/// A new entry that is not on a stack yet.
pub(super) fn entry(what: What) -> Box<Entry> {
    now_in_use();
    let mut entry = STACK.try_with(Stack::new_entry).unwrap_or_else(|_| Box::new(Entry::EMPTY));
    entry.fill(what);
    entry
}

/// Puts `what` on top; none when the thread is ending.
pub(super) fn push(what: What) -> Option<Id> {
    let mut entry = entry(what);
    let id = entry.id;
    let push = |stack: &Stack| {
        entry.enter();
        stack.put(entry);
    };
    STACK.try_with(push).ok().map(|()| id)
}

/// The same for a span.
#[inline]
pub(super) fn push_span(span: &SpanRef) -> Option<Id> {
    now_in_use();
    let push = |stack: &Stack| {
        let entered = span.live().and_then(|live| live.enter(span.context()));
        let mut entry = stack.new_entry();
        let id = entry.id;
        entry.fill_span(span.clone());
        if let Some(entered) = entered {
            entry.kind = Kind::Native;
            entry.entered = entered;
        }
        stack.put_span(entry);
        id
    };
    STACK.try_with(push).ok()
}

/// Takes off one entry, wherever it lies by now.
#[inline]
pub(super) fn remove(id: Id) {
    let _ = STACK.try_with(|stack| {
        if let Some(mut entry) = stack.take(id) {
            entry.leave();
            stack.recycle(entry);
        }
    });
}

/// Takes off an entry and whatever was forgotten above it, from the top.
#[inline]
pub(super) fn truncate(id: Id) {
    let _ = STACK.try_with(|stack| match stack.take_top(id) {
        Some(mut entry) => {
            entry.leave();
            stack.recycle(entry);
        }
        None => stack.take_off(id, |entry| stack.recycle(entry)),
    });
}
