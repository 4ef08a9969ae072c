//! What is nearest on the stack, lent: foreign code is called with the pointer to its span taken out.

use std::{mem, sync::Arc};

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

    /// The same of one that is known to be a plain span.
    #[inline]
    fn of_plain(entry: &mut Entry) -> Self {
        Loan { live: entry.live.take(), entered: Entered::NOTHING, id: entry.id }
    }

    #[inline]
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }

    /// Gives the pointer back: to the top, as a rule.
    #[inline]
    pub(super) fn give_back(mut self, stack: &Stack) {
        stack.with_top(|top| match top {
            Some(entry) if entry.id == self.id && entry.live.is_none() => entry.live = self.live.take(),
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

/// Where the entry is gone, or the thread is ending, the pointer is dropped with nothing taken out, and the back end's
/// own context is left: the entry could not do it without the pointer.
#[cold]
fn give_back(live: Arc<dyn Span>, entered: Entered, id: Id) {
    let mut live = Some(live);
    let to_entry = |entry: &mut Entry| (entry.id == id).then(|| mem::swap(&mut entry.live, &mut live));
    let _ = STACK.try_with(|stack| stack.find(to_entry));
    if let Some(live) = live {
        if !entered.is_nothing() {
            live.leave(entered);
        }
    }
}

/// What the usual stacks look like.
pub(super) enum Shape {
    Empty,
    /// On top is a span, whose back end need not be asked which span is current, and nothing suppresses.
    PlainSpan,
    /// On top is a tracer, and nothing suppresses.
    Tracer,
    Other,
}

#[inline]
pub(super) fn shape() -> Shape {
    let shape = |stack: &Stack| {
        let suppressed = stack.is_suppressed();
        stack.with_top(|top| match top.map(|top| &top.kind) {
            None => Shape::Empty,
            Some(Kind::Plain) if !suppressed => Shape::PlainSpan,
            Some(Kind::Tracer(_)) if !suppressed => Shape::Tracer,
            Some(_) => Shape::Other,
        })
    };
    STACK.try_with(shape).unwrap_or(Shape::Empty)
}

/// The nearest span or scoped tracer. The span's pointer is lent: until it is back, foreign code sees a span that is
/// not recorded.
#[inline]
pub(super) fn nearest() -> Nearest {
    let look = |entry: &mut Entry| match &entry.kind {
        Kind::Plain | Kind::Native => Some(Nearest::Span(Lent::of(entry))),
        Kind::Tracer(tracer) => Some(Nearest::Tracer(tracer.clone())),
        Kind::Suppressed(_) => None,
    };
    STACK.try_with(|stack| stack.find(look)).ok().flatten().unwrap_or(Nearest::Nothing)
}

/// The tracer on top, if that is one.
#[inline]
pub(super) fn top_tracer() -> Option<TracerHandle> {
    let tracer = |top: Option<&mut Entry>| match &top?.kind {
        Kind::Tracer(tracer) => Some(tracer.clone()),
        _ => None,
    };
    STACK.try_with(|stack| stack.with_top(tracer)).ok()?
}

/// Does `look` with the span on top, where its back end need not be asked which span is current.
#[inline]
fn plain_top<R>(stack: &Stack, look: impl FnOnce(&mut Entry) -> R) -> Result<R, MustAsk> {
    stack.with_top(|top| match top {
        Some(entry) if entry.is_plain() => Ok(look(entry)),
        _ => Err(MustAsk),
    })
}

/// The live pointer of the span on top, after a look at its context.
#[inline]
pub(super) fn plain_loan(stack: &Stack, look: impl FnOnce(&Context)) -> Result<Loan, MustAsk> {
    plain_top(stack, |top| {
        look(&top.context);
        Loan::of_plain(top)
    })
}

/// The ids of the span on top.
#[inline]
pub(super) fn plain_ids() -> Result<Option<(TraceId, SpanId)>, MustAsk> {
    STACK.try_with(|stack| plain_top(stack, |top| top.context.ids())).unwrap_or(Err(MustAsk))
}

/// Not so simple: the whole stack has to be looked at, or a back end to be asked.
pub(super) struct MustAsk;
