//! Which traces a tracer has sent something of.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use anytrace_recorder::Recorder;

use crate::passing::Passing;

/// The ids of the traces that passed, as text.
#[derive(Clone, Default)]
pub(crate) struct Noted(Arc<Mutex<BTreeSet<String>>>);

impl Noted {
    pub(crate) fn before(&self, recorder: impl Recorder) -> impl Recorder {
        let noted = self.0.clone();
        Passing::new(recorder, move |batch| {
            noted.lock().unwrap().extend(batch.spans.iter().map(|span| span.trace_id().to_string()));
        })
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}
