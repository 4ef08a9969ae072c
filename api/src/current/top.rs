//! The top of the stack, where a look at it is enough.

use super::{
    entry::{Entry, Kind},
    loan::Loan,
    stack::{self, Stack},
};
use crate::{Context, SpanId, TraceId, TracerHandle};

/// What is on top.
pub(super) enum Top {
    Nothing,
    /// A span, whose backend need not be asked which span is current, and nothing suppresses.
    PlainSpan,
    /// A tracer, and nothing suppresses.
    Tracer,
    /// The whole stack has to be looked at, or a backend to be asked.
    Other,
}

#[inline]
pub(super) fn kind() -> Top {
    stack::here(|stack| {
        stack.with_top(|top| match top.map(|top| &top.kind) {
            None => Top::Nothing,
            Some(_) if stack.is_suppressed() => Top::Other,
            Some(Kind::Plain) => Top::PlainSpan,
            Some(Kind::Tracer(_)) => Top::Tracer,
            Some(_) => Top::Other,
        })
    })
}

/// The tracer on top, if that is one.
#[inline]
pub(super) fn tracer() -> Option<TracerHandle> {
    let tracer = |top: Option<&mut Entry>| match &top?.kind {
        Kind::Tracer(tracer) => Some(tracer.clone()),
        _ => None,
    };
    stack::here(|stack| stack.with_top(tracer))
}

/// Does `look` with the span on top, where its backend need not be asked which span is current.
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
    stack::here(|stack| plain_top(stack, |top| top.context.ids()))
}

/// Not so simple: the whole stack has to be looked at, or a backend to be asked.
pub(super) struct MustAsk;
