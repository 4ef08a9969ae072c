//! What is nearest on the stack, lent: foreign code is called with the stack not borrowed, and with the pointer to its
//! span taken out.

use std::sync::Arc;

use super::{
    entry::{Entry, Layer, What},
    stack::{Place, STACK, Stack, position},
};
use crate::{Context, Entered, Native, Span, SpanId, SpanRef, TraceId, TracerHandle};

/// What decides about a child: the nearest span or scoped tracer.
pub(super) enum Nearest {
    Nothing,
    Tracer(TracerHandle),
    Span(Lent),
}

/// A span of the stack with its live pointer.
pub(super) struct Lent {
    pub(super) context: Context,
    loan: Loan,
}

impl Lent {
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.loan.live()
    }

    /// Whether the back end's own context has moved on.
    #[inline]
    pub(super) fn native(&self) -> Native {
        match self.live() {
            Some(live) if !self.loan.entered.is_nothing() => live.native_since(self.loan.entered),
            _ => Native::Unchanged,
        }
    }

    pub(super) fn span(&self) -> SpanRef {
        SpanRef::new(self.context.clone(), self.loan.live.clone())
    }
}

/// A live pointer of the stack, which goes back when this is dropped.
pub(super) struct Loan {
    live: Option<Arc<dyn Span>>,
    entered: Entered,
    place: Place,
}

impl Loan {
    #[inline]
    fn of(layer: &mut Layer, place: Place) -> Self {
        Loan { live: layer.live.take(), entered: layer.entered, place }
    }

    #[inline]
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }
}

impl Drop for Loan {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            give_back(live, self.entered, self.place);
        }
    }
}

/// Where the entry is gone, or the thread is ending, the pointer is dropped with nothing borrowed, and the back end's own
/// context is left: the entry could not do it without the pointer.
fn give_back(live: Arc<dyn Span>, entered: Entered, place: Place) {
    let mut live = Some(live);
    let _ = STACK.try_with(|stack| {
        let mut entries = stack.entries.borrow_mut();
        let Some(index) = position(&entries, place) else { return };
        if let Some(What::Span(layer)) = entries.get_mut(index).map(|entry| &mut entry.what) {
            layer.live = live.take();
        }
    });
    if let Some(live) = live {
        if !entered.is_nothing() {
            live.leave(entered);
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
                What::Suppressed(_) | What::Nothing => {}
            }
        }
        Nearest::Nothing
    };
    STACK.try_with(find).unwrap_or(Nearest::Nothing)
}

fn lend(layer: &mut Layer, place: Place) -> Lent {
    Lent { context: layer.context.clone(), loan: Loan::of(layer, place) }
}

/// Does `look` with the span on top, where its back end need not be asked which span is current.
#[inline]
fn plain_top<R>(look: impl FnOnce(&mut Layer, Place) -> R) -> Result<R, MustAsk> {
    let find = |stack: &Stack| {
        let mut entries = stack.entries.borrow_mut();
        let index = entries.len().wrapping_sub(1);
        match entries.last_mut().map(|entry| &mut **entry) {
            Some(Entry { id, what: What::Span(layer) }) if layer.entered.is_nothing() => {
                Ok(look(layer, Place { index, id: *id }))
            }
            _ => Err(MustAsk),
        }
    };
    STACK.try_with(find).unwrap_or(Err(MustAsk))
}

/// The live pointer of the span on top.
#[inline]
pub(super) fn plain_live() -> Result<Loan, MustAsk> {
    plain_top(Loan::of)
}

/// The ids of the span on top.
#[inline]
pub(super) fn plain_ids() -> Result<Option<(TraceId, SpanId)>, MustAsk> {
    plain_top(|layer, _| layer.context.ids())
}

/// Not so simple: the whole stack has to be looked at, or a back end to be asked.
pub(super) struct MustAsk;
