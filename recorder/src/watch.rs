//! Which spans are open, where somebody wants to know: a mock tracer.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::{FinishedSpan, live::LiveSpan};

/// Which spans are open. It keeps none of them alive, but one that it has seen is not used for another span.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<Vec<Weak<LiveSpan>>>);

impl Watch {
    pub(crate) fn opened(&self, live: &Arc<LiveSpan>) {
        let mut watched = self.0.lock();
        if watched.len() == watched.capacity() {
            watched.retain(|live| live.strong_count() > 0);
        }
        watched.push(Arc::downgrade(live));
    }

    /// Copies of those that are open, as if they ended now.
    pub(crate) fn open(&self) -> Vec<FinishedSpan> {
        // What is dropped here may be the last of its tracer: not under the lock.
        let watched: Vec<_> = self.0.lock().iter().filter_map(Weak::upgrade).collect();
        watched.iter().filter_map(|live| live.copy()).collect()
    }
}
