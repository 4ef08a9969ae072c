//! Draws each trace, over all services.

use std::time::Duration;

use anytrace_api::{TracerExt, TracerHandle};
use anytrace_recorder::{MemoryRecorder, RecordingTracer};

use super::Backend;

pub(super) struct Console {
    recorder: MemoryRecorder,
    tracers: Vec<RecordingTracer>,
}

impl Console {
    pub(super) fn new() -> Self {
        Console { recorder: MemoryRecorder::new(), tracers: Vec::new() }
    }
}

impl Backend for Console {
    fn tracer(&mut self, service: &'static str) -> TracerHandle {
        let tracer = RecordingTracer::builder(self.recorder.clone()).service(service).build();
        self.tracers.push(tracer.clone());
        TracerHandle::new(tracer)
    }

    fn finish(self: Box<Self>) -> bool {
        let flushed: Vec<_> =
            self.tracers.iter().map(|tracer| tracer.shutdown_blocking(Duration::from_secs(5))).collect();
        let mut spans = self.recorder.take();
        spans.sort_by_key(anytrace_recorder::FinishedSpan::start);
        for span in spans {
            println!("{span:?}");
        }
        let mut complete = true;
        for (tracer, flushed) in self.tracers.iter().zip(flushed) {
            let stats = tracer.stats();
            println!("{:<10}{stats}", tracer.resource().service_name());
            complete &= flushed.result.is_ok() && stats.started == stats.delivered;
        }
        complete
    }
}
