//! The combined result of several flushes.

use std::sync::Arc;

use anytrace_api::flush::{Done, Flushed};
use parking_lot::Mutex;

/// Collects the results of several tracers, and reports one result when the last has arrived.
#[derive(Clone)]
pub(crate) struct FlushCompletion(Arc<Mutex<State>>);

struct State {
    missing: usize,
    combined: Flushed,
    done: Option<Done>,
}

impl FlushCompletion {
    /// Creates a completion that calls `done` after `missing` results.
    pub(crate) fn new(missing: usize, done: Done) -> Self {
        FlushCompletion(Arc::new(Mutex::new(State {
            missing,
            combined: Flushed::default(),
            done: Some(done),
        })))
    }

    /// Returns the callback for the first tracer, whose numbers of delivered and queued spans are reported.
    pub(crate) fn first(&self) -> Done {
        let completion = self.clone();
        Box::new(move |flushed| {
            completion.add(|combined| {
                (combined.delivered, combined.queued) = (flushed.delivered, flushed.queued);
                add_failures(combined, &flushed);
            });
        })
    }

    /// Returns the callback for another tracer, of which only dropped spans and errors are reported.
    pub(crate) fn other(&self) -> Done {
        let completion = self.clone();
        Box::new(move |flushed| completion.add(|combined| add_failures(combined, &flushed)))
    }

    fn add(&self, merge: impl FnOnce(&mut Flushed)) {
        let mut state = self.0.lock();
        merge(&mut state.combined);
        state.missing -= 1;
        if state.missing > 0 {
            return;
        }
        let (done, combined) = (state.done.take(), std::mem::take(&mut state.combined));
        // The callback is the caller's code, so the lock is released before the call.
        drop(state);
        if let Some(done) = done {
            done(combined);
        }
    }
}

fn add_failures(combined: &mut Flushed, flushed: &Flushed) {
    if combined.result.is_ok() {
        combined.result.clone_from(&flushed.result);
    }
    for (reason, spans) in flushed.dropped.iter() {
        combined.dropped.add(reason, spans);
    }
}
