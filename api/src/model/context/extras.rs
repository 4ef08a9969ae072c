//! The parts of a context that most contexts lack, behind one pointer.

use std::sync::Arc;

use crate::model::{Baggage, SpanId, TraceState, extensions::Extensions, shared_baggage::SharedBaggage};

/// Trace state, baggage, parent span id and extensions. An `Extras` in a context is never empty.
#[derive(Clone, Default)]
pub(super) struct Extras {
    pub(super) state: TraceState,
    pub(super) baggage: BaggageStorage,
    pub(super) parent: Option<SpanId>,
    pub(super) extensions: Extensions,
}

impl Extras {
    /// Returns the trace state alone, or `None` if it is empty.
    #[cold]
    pub(super) fn trace_state_only(self: &Arc<Self>) -> Option<Arc<Self>> {
        if self.state.is_empty() {
            return None;
        }
        if self.has_neither_baggage_nor_extensions() && self.parent.is_none() {
            return Some(self.clone());
        }
        Some(Arc::new(Extras { state: self.state.clone(), ..Extras::default() }))
    }

    /// Returns the extras for a child span: all but the parent span id, which differs for the child.
    #[cold]
    pub(super) fn for_child(self: &Arc<Self>) -> Option<Arc<Self>> {
        if self.parent.is_none() {
            return Some(self.clone());
        }
        let child = Extras { parent: None, ..Extras::clone(self) };
        if child.is_empty() { None } else { Some(Arc::new(child)) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.has_neither_baggage_nor_extensions() && self.state.is_empty() && self.parent.is_none()
    }

    fn has_neither_baggage_nor_extensions(&self) -> bool {
        matches!(&self.baggage, BaggageStorage::Owned(baggage) if baggage.is_empty())
            && self.extensions.is_empty()
    }
}

/// The baggage of one context, or of all contexts of a request.
#[derive(Clone)]
pub(super) enum BaggageStorage {
    Owned(Baggage),
    Shared(SharedBaggage),
}

impl Default for BaggageStorage {
    fn default() -> Self {
        BaggageStorage::Owned(Baggage::new())
    }
}

impl BaggageStorage {
    pub(super) fn current(&self) -> &Baggage {
        match self {
            BaggageStorage::Owned(baggage) => baggage,
            BaggageStorage::Shared(shared) => shared.latest(),
        }
    }
}
