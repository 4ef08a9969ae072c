//! One layer of what is current.

use std::{mem, num::NonZeroU64, sync::Arc};

use super::{in_force::tracer_in_force, link::Link, vacant::fill};
use crate::{Context, Entered, Span, SpanRef, Tracer, TracerHandle};

/// Unique in the process, so that a guard never takes off what another thread put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(NonZeroU64);

impl Id {
    pub(super) const STEP: u64 = 2;
    /// That of a box which holds nothing.
    const NONE: Self = Id(NonZeroU64::MIN);

    /// Of an even number: its last bit is what makes it differ from zero.
    #[inline]
    pub(super) fn new(even: u64) -> Self {
        Id(NonZeroU64::MIN | even)
    }
}

/// What is to be made current.
pub(super) enum What {
    Span(SpanRef),
    Tracer(TracerHandle),
    Suppressed,
}

/// One layer of a thread's stack, in a box: it goes on and off, and with a future from thread to thread, without being
/// moved. Where it lies, its backend's own context is attached.
pub(super) struct Entry {
    pub(super) id: Id,
    /// The one below, on a stack; the one above, in what is carried; any other, among spare ones.
    pub(super) next: Link,
    pub(super) kind: Kind,
    pub(super) context: Context,
    /// Away while it is lent to a call of the backend.
    pub(super) live: Option<Arc<dyn Span>>,
    pub(super) entered: Entered,
}

pub(super) enum Kind {
    /// A span, whose backend is known to keep no context of its own: not to be told again.
    Plain,
    /// A span, whose backend is told.
    Native,
    /// In force above, and hides the spans below. Never late bound.
    Tracer(TracerHandle),
    /// Silence above, and the tracer that suppresses its own context along with it.
    Suppressed(Option<TracerHandle>),
}

impl Entry {
    pub(super) const EMPTY: Self = Entry {
        id: Id::NONE,
        next: None,
        kind: Kind::Plain,
        context: Context::EMPTY,
        live: None,
        entered: Entered::NOTHING,
    };

    pub(super) fn fill(&mut self, what: What) {
        match what {
            What::Span(span) => {
                let live = span.live().is_some();
                self.fill_span(span);
                if live {
                    self.kind = Kind::Native;
                }
            }
            What::Tracer(tracer) => self.kind = Kind::Tracer(tracer),
            What::Suppressed => self.kind = Kind::Suppressed(None),
        }
    }

    /// With a span that is not told.
    #[inline]
    pub(super) fn fill_span(&mut self, span: SpanRef) {
        debug_assert!(self.live.is_none() && self.context.is_empty(), "nothing is in it");
        let (context, live) = span.into_parts();
        fill(&mut self.context, context);
        fill(&mut self.live, live);
    }

    /// Drops what is inside: not to be called while it is on a stack.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.live = None;
        self.context = Context::EMPTY;
        if !self.is_plain() {
            self.kind = Kind::Plain;
        }
    }

    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Plain)
    }

    /// To be called before it goes onto a stack.
    pub(super) fn enter(&mut self) {
        match &mut self.kind {
            Kind::Plain | Kind::Tracer(_) => {}
            Kind::Native => match self.live.as_ref().map(|live| live.enter(&self.context)) {
                Some(Some(entered)) => self.entered = entered,
                Some(None) => self.kind = Kind::Plain,
                None => {}
            },
            Kind::Suppressed(by) => {
                let Some(tracer) = tracer_in_force() else { return };
                self.entered = tracer.enter_suppressed();
                if !self.entered.is_nothing() {
                    *by = Some(tracer);
                }
            }
        }
    }

    /// To be called after it came off.
    #[inline]
    pub(super) fn leave(&mut self) {
        if !self.entered.is_nothing() {
            let entered = mem::take(&mut self.entered);
            self.leave_native(entered);
        }
    }

    #[cold]
    fn leave_native(&mut self, entered: Entered) {
        if let Kind::Suppressed(by) = &mut self.kind {
            if let Some(tracer) = by.take() {
                tracer.leave_suppressed(entered);
            }
        } else if let Some(live) = &self.live {
            live.leave(entered);
        }
    }
}
