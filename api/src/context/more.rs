//! What most contexts do not have, behind one pointer.

use std::sync::Arc;

use crate::{Baggage, SpanId, TraceState, extensions::Extensions, shared_baggage::SharedBaggage};

/// What most contexts do not have.
#[derive(Clone, Default)]
pub(super) struct More {
    pub(super) state: TraceState,
    pub(super) baggage: PolledSpan,
    pub(super) parent: Option<SpanId>,
    pub(super) extensions: Extensions,
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
        matches!(&self.baggage, PolledSpan::Own(baggage) if baggage.is_empty()) && self.extensions.is_empty()
    }
}

#[derive(Clone)]
pub(super) enum PolledSpan {
    Own(Baggage),
    Shared(SharedBaggage),
}

impl Default for PolledSpan {
    fn default() -> Self {
        PolledSpan::Own(Baggage::new())
    }
}

impl PolledSpan {
    pub(super) fn read(&self) -> &Baggage {
        match self {
            PolledSpan::Own(baggage) => baggage,
            PolledSpan::Shared(shared) => shared.latest(),
        }
    }
}
