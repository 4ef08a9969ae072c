//! One answer made of several.

use std::sync::Arc;

use anytrace_api::{Done, Flushed};
use parking_lot::Mutex;

/// The answers of several tracers, added up when the last one is there.
#[derive(Clone)]
pub(crate) struct Answers(Arc<Mutex<Sum>>);

struct Sum {
    missing: usize,
    flushed: Flushed,
    done: Option<Done>,
}

impl Answers {
    pub(crate) fn expect(missing: usize, done: Done) -> Self {
        Answers(Arc::new(Mutex::new(Sum { missing, flushed: Flushed::default(), done: Some(done) })))
    }

    /// For one tracer.
    pub(crate) fn one(&self) -> Done {
        let answers = self.clone();
        Box::new(move |flushed| answers.add(flushed))
    }

    fn add(&self, answer: Flushed) {
        let mut sum = self.0.lock();
        sum.flushed.delivered += answer.delivered;
        sum.flushed.queued += answer.queued;
        for (reason, spans) in answer.dropped.iter() {
            sum.flushed.dropped.add(reason, spans);
        }
        if sum.flushed.result.is_ok() {
            sum.flushed.result = answer.result;
        }
        sum.missing -= 1;
        if sum.missing > 0 {
            return;
        }
        let (done, flushed) = (sum.done.take(), std::mem::take(&mut sum.flushed));
        drop(sum);
        if let Some(done) = done {
            done(flushed);
        }
    }
}
