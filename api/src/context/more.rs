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
        let alone = matches!(&self.baggage, Carried::Own(baggage) if baggage.is_empty());
        if alone && self.locals.is_empty() && self.parent.is_none() {
            return Some(self.clone());
        }
        Some(Arc::new(More { state: self.state.clone(), ..More::default() }))
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
