//! A native context whose current span is always newer than the stack's, so that every lookup adopts a span.

use std::{
    cell::{Cell, RefCell},
    num::NonZeroU64,
};

use anytrace_api::{SpanRef, backend::AttachToken};

thread_local! {
    static ATTACHED: RefCell<Vec<(AttachToken, SpanRef)>> = const { RefCell::new(Vec::new()) };
    static LAST_TOKEN: Cell<u64> = const { Cell::new(0) };
}

/// Makes `span` current. `None` when the thread is ending.
pub(super) fn attach(span: SpanRef) -> Option<AttachToken> {
    let number = LAST_TOKEN.get() + 1;
    LAST_TOKEN.set(number);
    let token = AttachToken::new(NonZeroU64::new(number)?);
    ATTACHED.try_with(|attached| attached.borrow_mut().push((token, span))).ok().map(|()| token)
}

/// Undoes [`attach`], in any order.
pub(super) fn detach(token: AttachToken) {
    let removed = ATTACHED.try_with(|attached| {
        let mut attached = attached.borrow_mut();
        let index = attached.iter().position(|(known, _)| *known == token);
        index.map(|index| attached.remove(index))
    });
    // Dropped after the borrow, because the drop runs the tracer's code.
    drop(removed);
}

/// Returns the current span.
pub(super) fn current() -> Option<SpanRef> {
    ATTACHED.try_with(|attached| attached.borrow().last().map(|(_, span)| span.clone())).ok().flatten()
}
