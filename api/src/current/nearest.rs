//! What is nearest on the stack.

use super::{
    entry::{Entry, Kind},
    loan::Loan,
    stack,
};
use crate::{Context, Native, Span, SpanRef, TracerHandle};

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
    fn of(entry: &mut Entry) -> Self {
        Lent { context: entry.context.clone(), loan: Loan::of(entry) }
    }

    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.loan.live()
    }

    /// Whether the backend's own context has moved on.
    pub(super) fn native(&self) -> Native {
        self.loan.native()
    }

    pub(super) fn span(&self) -> SpanRef {
        SpanRef::new(self.context.clone(), self.loan.to_live())
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
    stack::here(|stack| stack.find(look)).unwrap_or(Nearest::Nothing)
}
