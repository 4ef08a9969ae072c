//! One answer made of several.

use std::sync::Arc;

use anytrace_api::flush::{Done, Flushed};
use parking_lot::Mutex;

/// The answers of several tracers, as one when the last is there.
#[derive(Clone)]
pub(crate) struct Answers(Arc<Mutex<Expected>>);

struct Expected {
    missing: usize,
    all: Flushed,
    done: Option<Done>,
}

impl Answers {
    pub(crate) fn expect(missing: usize, done: Done) -> Self {
        Answers(Arc::new(Mutex::new(Expected { missing, all: Flushed::default(), done: Some(done) })))
    }

    /// For the tracer whose numbers count.
    pub(crate) fn first(&self) -> Done {
        let answers = self.clone();
        Box::new(move |flushed| {
            answers.add(|all| {
                (all.delivered, all.queued) = (flushed.delivered, flushed.queued);
                lost(all, &flushed);
            });
        })
    }

    /// For one of the others: what it has lost is told as well.
    pub(crate) fn other(&self) -> Done {
        let answers = self.clone();
        Box::new(move |flushed| answers.add(|all| lost(all, &flushed)))
    }

    fn add(&self, answer: impl FnOnce(&mut Flushed)) {
        let mut expected = self.0.lock();
        answer(&mut expected.all);
        expected.missing -= 1;
        if expected.missing > 0 {
            return;
        }
        let (done, all) = (expected.done.take(), std::mem::take(&mut expected.all));
        // It is the caller's code: not under the lock.
        drop(expected);
        if let Some(done) = done {
            done(all);
        }
    }
}

fn lost(all: &mut Flushed, one: &Flushed) {
    if all.result.is_ok() {
        all.result.clone_from(&one.result);
    }
    for (reason, spans) in one.dropped.iter() {
        all.dropped.add(reason, spans);
    }
}
