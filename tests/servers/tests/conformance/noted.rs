//! Which traces a tracer has sent something of.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Instant,
};

use anytrace_recorder::{Batch, Delivery, Recorder};

/// The ids of the traces that passed, as text.
#[derive(Clone, Default)]
pub(crate) struct Noted(Arc<Mutex<BTreeSet<String>>>);

/// A recorder that notes what passes through it on the way to another.
pub(crate) struct Noting<R> {
    inner: R,
    noted: Noted,
}

impl Noted {
    pub(crate) fn before<R: Recorder>(&self, inner: R) -> Noting<R> {
        Noting { inner, noted: self.clone() }
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}

impl<R: Recorder> Recorder for Noting<R> {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        self.noted.0.lock().unwrap().extend(batch.spans.iter().map(|span| span.trace_id().to_string()));
        self.inner.record(batch, deadline)
    }

    fn flush(&mut self, deadline: Instant) -> Result<(), String> {
        self.inner.flush(deadline)
    }

    fn shutdown(&mut self, deadline: Instant) -> Result<(), String> {
        self.inner.shutdown(deadline)
    }

    fn idle(&mut self) {
        self.inner.idle();
    }
}
