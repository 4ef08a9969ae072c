//! The pointer to a span of the stack, lent: foreign code is called with it taken out.

use std::sync::Arc;

use super::{
    entry::{Entry, Id},
    stack::{self, Stack},
    vacant::fill,
};
use crate::{Entered, Native, Span};

/// A live pointer of the stack. Unless it is given back before, it goes back when this is dropped: after a panic.
pub(super) struct Loan {
    live: Option<Arc<dyn Span>>,
    entered: Entered,
    id: Id,
}

impl Loan {
    pub(super) fn of(entry: &mut Entry) -> Self {
        Loan { live: entry.live.take(), entered: entry.entered, id: entry.id }
    }

    /// The same of one that is known to be a plain span.
    #[inline]
    pub(super) fn of_plain(entry: &mut Entry) -> Self {
        Loan { live: entry.live.take(), entered: Entered::NOTHING, id: entry.id }
    }

    #[inline]
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }

    /// The pointer once more, to be kept.
    pub(super) fn to_live(&self) -> Option<Arc<dyn Span>> {
        self.live.clone()
    }

    /// Whether the backend's own context has moved on.
    pub(super) fn native(&self) -> Native {
        match self.live() {
            Some(live) if !self.entered.is_nothing() => live.native_since(self.entered),
            _ => Native::Unchanged,
        }
    }

    /// Gives the pointer back: to the top, as a rule.
    #[inline]
    pub(super) fn give_back(mut self, stack: &Stack) {
        if self.live.is_none() {
            return;
        }
        stack.with_top(|top| match top {
            Some(entry) if entry.id == self.id => give_to(entry, self.live.take()),
            _ => {}
        });
    }
}

impl Drop for Loan {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            give_back(live, self.entered, self.id);
        }
    }
}

/// To wherever the entry lies by now. Where it is gone, the pointer is dropped here, and the
/// backend's own context is left: the entry could not do it without the pointer.
#[cold]
fn give_back(live: Arc<dyn Span>, entered: Entered, id: Id) {
    let mut live = Some(live);
    let to_entry = |entry: &mut Entry| (entry.id == id).then(|| give_to(entry, live.take()));
    stack::here(|stack| stack.find(to_entry));
    if let Some(live) = live {
        if !entered.is_nothing() {
            live.leave(entered);
        }
    }
}

#[inline]
fn give_to(entry: &mut Entry, live: Option<Arc<dyn Span>>) {
    debug_assert!(entry.live.is_none(), "it was lent once");
    fill(&mut entry.live, live);
}
