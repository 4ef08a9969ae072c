//! What is nearest on the stack, lent: foreign code is called with the pointer to its span taken out.

use std::sync::Arc;

use super::{
    entry::{Entry, Id, Kind},
    stack::{STACK, Stack},
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
    #[inline]
    fn of(entry: &mut Entry) -> Self {
        Lent { context: entry.context.clone(), loan: Loan::of(entry) }
    }

    #[inline]
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
    id: Id,
}

impl Loan {
    #[inline]
    fn of(entry: &mut Entry) -> Self {
        Loan { live: entry.live.take(), entered: entry.entered, id: entry.id }
    }

    #[inline]
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }

    /// Where the entry is no longer the top, if it is still there.
    #[cold]
    fn give_back_below(&self, live: Arc<dyn Span>) {
        let mut live = Some(live);
        let _ = STACK.try_with(|stack| {
            stack.find(|entry| (entry.id == self.id).then(|| entry.live = live.take()));
        });
        // Where the entry is gone, or the thread is ending, the pointer is dropped here, and the back end's own context
        // is left: the entry could not do it without the pointer.
        if let Some(live) = live {
            if !self.entered.is_nothing() {
                live.leave(self.entered);
            }
        }
    }
}

impl Drop for Loan {
    #[inline]
    fn drop(&mut self) {
        let mut live = self.live.take();
        if live.is_none() {
            return;
        }
        let give_back = |top: Option<&mut Entry>| match top {
            Some(entry) if entry.id == self.id => entry.live = live.take(),
            _ => {}
        };
        let _ = STACK.try_with(|stack| stack.with_top(give_back));
        if let Some(live) = live {
            self.give_back_below(live);
        }
    }
}

/// The nearest span or scoped tracer. The span's pointer is lent: until it is back, foreign code sees a span that is
/// not recorded.
pub(super) fn nearest() -> Nearest {
    let look = |entry: &mut Entry| match &entry.kind {
        Kind::Plain | Kind::Native => Some(Nearest::Span(Lent::of(entry))),
        Kind::Tracer(tracer) => Some(Nearest::Tracer(tracer.clone())),
        Kind::Suppressed(_) => None,
    };
    STACK.try_with(|stack| stack.find(look)).ok().flatten().unwrap_or(Nearest::Nothing)
}

/// Does `look` with the span on top, where its back end need not be asked which span is current.
#[inline]
fn plain_top<R>(stack: &Stack, look: impl FnOnce(&mut Entry) -> R) -> Result<R, MustAsk> {
    stack.with_top(|top| match top {
        Some(entry) if entry.is_plain() => Ok(look(entry)),
        _ => Err(MustAsk),
    })
}

/// The live pointer of the span on top.
#[inline]
pub(super) fn plain_loan() -> Result<Loan, MustAsk> {
    STACK.try_with(|stack| plain_top(stack, Loan::of)).unwrap_or(Err(MustAsk))
}

/// The same with its context, where nothing suppresses.
#[inline]
pub(super) fn plain_lent() -> Result<Lent, MustAsk> {
    let look = |stack: &Stack| {
        if stack.is_suppressed() { Err(MustAsk) } else { plain_top(stack, Lent::of) }
    };
    STACK.try_with(look).unwrap_or(Err(MustAsk))
}

/// The ids of the span on top.
#[inline]
pub(super) fn plain_ids() -> Result<Option<(TraceId, SpanId)>, MustAsk> {
    STACK.try_with(|stack| plain_top(stack, |top| top.context.ids())).unwrap_or(Err(MustAsk))
}

/// Not so simple: the whole stack has to be looked at, or a back end to be asked.
pub(super) struct MustAsk;
