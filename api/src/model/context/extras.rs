//! What most contexts do not have, behind one pointer.

use std::sync::Arc;

use crate::model::{Baggage, SpanId, TraceState, extensions::Extensions, shared_baggage::SharedBaggage};

/// What most contexts do not have.
#[derive(Clone, Default)]
pub(super) struct Extras {
    pub(super) state: TraceState,
    pub(super) baggage: BaggageSource,
    pub(super) parent: Option<SpanId>,
    pub(super) extensions: Extensions,
}

impl Extras {
    #[cold]
    pub(super) fn identity(self: &Arc<Self>) -> Option<Arc<Self>> {
        if self.state.is_empty() {
            return None;
        }
        if self.has_no_companions() && self.parent.is_none() {
            return Some(self.clone());
        }
        Some(Arc::new(Extras { state: self.state.clone(), ..Extras::default() }))
    }

    /// The same for a child: its parent is another one.
    #[cold]
    pub(super) fn of_child(self: &Arc<Self>) -> Option<Arc<Self>> {
        if self.parent.is_none() {
            return Some(self.clone());
        }
        let child = Extras { parent: None, ..Extras::clone(self) };
        if child.is_nothing() { None } else { Some(Arc::new(child)) }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.has_no_companions() && self.state.is_empty() && self.parent.is_none()
    }

    /// Nothing travels beside what names the span.
    fn has_no_companions(&self) -> bool {
        matches!(&self.baggage, BaggageSource::Own(baggage) if baggage.is_empty())
            && self.extensions.is_empty()
    }
}

#[derive(Clone)]
pub(super) enum BaggageSource {
    Own(Baggage),
    Shared(SharedBaggage),
}

impl Default for BaggageSource {
    fn default() -> Self {
        BaggageSource::Own(Baggage::new())
    }
}

impl BaggageSource {
    pub(super) fn read(&self) -> &Baggage {
        match self {
            BaggageSource::Own(baggage) => baggage,
            BaggageSource::Shared(shared) => shared.latest(),
        }
    }
}
