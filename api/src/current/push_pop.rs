//! Pushing layers onto the stack of this thread, and removing them.

use super::{
    entry::{Entry, EntryId, EntryKind, Layer},
    global::mark_in_use,
    lookup::current_tracer,
    stack::with_stack,
};
use crate::{
    backend::{Tracer, reference::SpanRef},
    model::TraceContext,
};

/// Returns a new entry that is not on a stack yet.
pub(super) fn new_layer(layer: Layer) -> Box<Entry> {
    mark_in_use();
    let mut entry = with_stack(|stack| stack.pool.take()).unwrap_or_else(|| Box::new(Entry::EMPTY));
    entry.fill(layer);
    entry
}

/// Pushes `layer`; `None` when the thread is ending.
pub(super) fn push(layer: Layer) -> Option<EntryId> {
    mark_in_use();
    with_stack(|stack| {
        let mut entry = stack.pool.take()?;
        let id = entry.id;
        entry.fill(layer);
        attach(&mut entry);
        stack.push(entry);
        Some(id)
    })
}

/// Pushes a span; `None` when the thread is ending.
#[inline]
pub(super) fn push_span(span: &SpanRef) -> Option<EntryId> {
    mark_in_use();
    with_stack(|stack| {
        let mut entry = stack.pool.take()?;
        let id = entry.id;
        match span.live().and_then(|live| live.native_context()) {
            None => entry.fill_span(span.clone()),
            Some(native) => entry.fill_native_span(span.clone(), native.attach(span.context())),
        }
        stack.push_span(entry);
        Some(id)
    })
}

/// Removes one entry from any position.
#[inline]
pub(super) fn remove(id: EntryId) {
    with_stack(|stack| {
        if let Some(mut entry) = stack.remove(id) {
            entry.detach();
            stack.pool.put(entry);
        }
    });
}

/// Removes an entry and all entries of forgotten guards above it, from the top.
#[inline]
pub(super) fn truncate(id: EntryId) {
    with_stack(|stack| match stack.take_top(id) {
        Some(mut entry) => {
            entry.detach();
            stack.pool.put(entry);
        }
        None => stack.remove_from(id, |entry| stack.pool.put(entry)),
    });
}

/// Attaches the layer in `entry` to its native context, if there is one. Call before the entry goes onto a stack.
pub(super) fn attach(entry: &mut Entry) {
    match &mut entry.kind {
        EntryKind::Span | EntryKind::Tracer(_) => {}
        EntryKind::NativeSpan => {
            let Some(live) = &entry.live else { return };
            match live.native_context() {
                Some(native) => entry.token = native.attach(&entry.context),
                None => entry.kind = EntryKind::Span,
            }
        }
        EntryKind::Suppression(by) => {
            let Some(native) = current_tracer().and_then(|tracer| tracer.native_context()) else { return };
            entry.token = native.suppress();
            if entry.token.is_some() {
                *by = Some(Box::new(native));
            }
        }
    }
}
