//! The entries of a thread's stack, and lists of entries.

use std::{cell::Cell, mem, num::NonZeroU64, sync::Arc};

use crate::{
    backend::{AttachToken, NativeContext, Span, handle::TracerHandle, reference::SpanRef},
    model::Context,
};

/// Identifies an entry. Unique in the process, so that a guard never removes an entry of another thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryId(NonZeroU64);

impl EntryId {
    pub(super) const STEP: u64 = 2;
    /// The id of an empty entry.
    const NONE: Self = EntryId(NonZeroU64::MIN);

    /// Creates an id from an even number; the lowest bit is set so that the id is never zero.
    #[inline]
    pub(super) fn new(even: u64) -> Self {
        EntryId(NonZeroU64::MIN | even)
    }
}

/// A span, a tracer or suppression that becomes current.
pub(super) enum Layer {
    Span(SpanRef),
    Tracer(TracerHandle),
    Suppression,
}

/// An entry of a thread's stack.
///
/// An entry stays in its box while it moves between stacks and spare lists, so that the layer itself is never moved. The
/// native context is attached exactly while the entry is on a stack.
pub(super) struct Entry {
    pub(super) id: EntryId,
    /// The entry below, on a stack; the entry above, in a polled span; the next one, in a spare list.
    pub(super) next: EntryList,
    pub(super) kind: EntryKind,
    pub(super) context: Context,
    /// `None` while a call of the backend borrows the live span.
    pub(super) live: Option<Arc<dyn Span>>,
    /// Set while the span, or the suppression, is attached to a native context.
    pub(super) token: Option<AttachToken>,
}

pub(super) enum EntryKind {
    /// A span without a native context.
    Span,
    /// A span whose backend has a native context.
    NativeSpan,
    /// The current tracer for the entries above. Hides the spans below. Never a late-bound handle.
    Tracer(TracerHandle),
    /// Suppression for the entries above, with the native context that suppresses too.
    Suppression(Option<Box<Arc<dyn NativeContext>>>),
}

impl Entry {
    pub(super) const EMPTY: Self = Entry {
        id: EntryId::NONE,
        next: None,
        kind: EntryKind::Span,
        context: Context::EMPTY,
        live: None,
        token: None,
    };

    pub(super) fn fill(&mut self, layer: Layer) {
        match layer {
            Layer::Span(span) => {
                let is_live = span.live().is_some();
                self.fill_span(span);
                if is_live {
                    self.kind = EntryKind::NativeSpan;
                }
            }
            Layer::Tracer(tracer) => self.kind = EntryKind::Tracer(tracer),
            Layer::Suppression => self.kind = EntryKind::Suppression(None),
        }
    }

    /// Fills in a span without asking for its native context.
    #[inline]
    pub(super) fn fill_span(&mut self, span: SpanRef) {
        debug_assert!(self.live.is_none() && self.context.is_empty(), "the entry is empty");
        let (context, live) = span.into_parts();
        write_vacant(&mut self.context, context);
        write_vacant(&mut self.live, live);
    }

    /// Fills in a span whose native context returned `token`.
    #[inline]
    pub(super) fn fill_native_span(&mut self, span: SpanRef, token: Option<AttachToken>) {
        write_vacant(&mut self.kind, EntryKind::NativeSpan);
        self.token = token;
        self.fill_span(span);
    }

    /// Drops the layer. The entry must not be on a stack.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.live = None;
        self.context = Context::EMPTY;
        if !self.is_plain_span() {
            self.kind = EntryKind::Span;
        }
    }

    /// Returns true for a span without a native context.
    #[inline]
    pub(super) fn is_plain_span(&self) -> bool {
        matches!(self.kind, EntryKind::Span)
    }

    /// Returns true for a span with this context.
    pub(super) fn is_span_with(&self, context: &Context) -> bool {
        matches!(self.kind, EntryKind::Span | EntryKind::NativeSpan) && self.context == *context
    }

    /// Detaches the layer from its native context. Call after the entry came off its stack.
    #[inline]
    pub(super) fn detach(&mut self) {
        if let Some(token) = self.token.take() {
            self.detach_native(token);
        }
    }

    #[cold]
    fn detach_native(&mut self, token: AttachToken) {
        if let EntryKind::Suppression(by) = &mut self.kind {
            if let Some(native) = by.take() {
                native.detach(token);
            }
        } else if let Some(native) = self.live.as_ref().and_then(|live| live.native_context()) {
            native.detach(token);
        }
    }
}

/// A linked list of entries, or the tail of one.
pub(super) type EntryList = Option<Box<Entry>>;

/// Puts `list` at the end of another list, which must be empty there.
#[inline]
pub(super) fn append(end: &mut EntryList, list: EntryList) {
    debug_assert!(end.is_none(), "the tail would be lost");
    write_vacant(end, list);
}

/// Puts `list` into a cell that is empty because its list was taken out.
#[inline]
pub(super) fn put_back(cell: &Cell<EntryList>, list: EntryList) {
    let none = cell.replace(list);
    debug_assert!(none.is_none(), "the list in the cell would be lost");
    mem::forget(none);
}

/// Writes `value` over a value that needs no drop. A plain assignment would compile in drop code that never runs and
/// prevents inlining.
#[inline]
pub(super) fn write_vacant<T>(vacant: &mut T, value: T) {
    mem::forget(mem::replace(vacant, value));
}
