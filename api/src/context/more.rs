//! What most contexts do not have, behind one pointer.

use std::sync::Arc;

use crate::{Baggage, SpanId, TraceState, local::Locals, shared_baggage::SharedBaggage};

/// What most contexts do not have.
#[derive(Clone, Default)]
pub(super) struct More {
    pub(super) state: TraceState,
    pub(super) baggage: Carried,
    pub(super) parent: Option<SpanId>,
    pub(super) locals: Locals,
}

impl More {
    #[cold]
    pub(super) fn identity(self: &Arc<Self>) -> Option<Arc<Self>> {
        if self.state.is_empty() {
            return None;
        }
        if self.has_no_companions() && self.parent.is_none() {
            return Some(self.clone());
        }
        Some(Arc::new(More { state: self.state.clone(), ..More::default() }))
    }

    /// The same for a child: its parent is another one.
    #[cold]
    pub(super) fn of_child(self: &Arc<Self>) -> Option<Arc<Self>> {
        if self.parent.is_none() {
            return Some(self.clone());
        }
        let child = More { parent: None, ..More::clone(self) };
        if child.is_nothing() { None } else { Some(Arc::new(child)) }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.has_no_companions() && self.state.is_empty() && self.parent.is_none()
    }

    /// Nothing travels beside what names the span.
    fn has_no_companions(&self) -> bool {
        matches!(&self.baggage, Carried::Own(baggage) if baggage.is_empty()) && self.locals.is_empty()
    }
}

#[derive(Clone)]
pub(super) enum Carried {
    Own(Baggage),
    Shared(SharedBaggage),
}

impl Default for Carried {
    fn default() -> Self {
        Carried::Own(Baggage::new())
    }
}

impl Carried {
    pub(super) fn read(&self) -> &Baggage {
        match self {
            Carried::Own(baggage) => baggage,
            Carried::Shared(shared) => shared.latest(),
        }
    }
}
