//! The ids of the traces that a tracer has sent.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use anytrace_recorder::Recorder;

use crate::observed::ObservedRecorder;

/// Collects the trace ids of all batches.
#[derive(Clone, Default)]
pub(crate) struct SentTraceIds(Arc<Mutex<BTreeSet<String>>>);

impl SentTraceIds {
    pub(crate) fn before(&self, recorder: impl Recorder) -> impl Recorder {
        let ids = self.0.clone();
        ObservedRecorder::new(recorder, move |batch| {
            ids.lock().unwrap().extend(batch.spans.iter().map(|span| span.trace_id().to_string()));
        })
    }

    pub(crate) fn get(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}
