//! The list of open spans, for mock tracers.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::FinishedSpan;

/// A span that can be copied while it is open.
pub(super) trait CopyWhileOpen: Send + Sync {
    /// Returns a copy of the span as if it was dropped now, or `None` if it has ended.
    fn copy(&self) -> Option<FinishedSpan>;
}

/// The list of open spans. It keeps no span alive, but a live span on the list is not recycled.
#[derive(Default)]
pub(super) struct OpenSpans(Mutex<Vec<Weak<dyn CopyWhileOpen>>>);

impl OpenSpans {
    pub(super) fn add<T: CopyWhileOpen + 'static>(&self, span: &Arc<T>) {
        let mut spans = self.0.lock();
        if spans.len() == spans.capacity() {
            spans.retain(|span| span.strong_count() > 0);
        }
        let span: Weak<T> = Arc::downgrade(span);
        spans.push(span);
    }

    /// Returns copies of the open spans as if they were dropped now.
    pub(super) fn copies(&self) -> Vec<FinishedSpan> {
        // Upgraded first: dropping the last reference to a tracer runs foreign code, which must not happen under the
        // lock.
        let spans: Vec<_> = self.0.lock().iter().filter_map(Weak::upgrade).collect();
        spans.iter().filter_map(|span| span.copy()).collect()
    }
}
