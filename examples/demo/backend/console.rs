//! Draws each trace, over all services.

use std::{
    io::{self, Write},
    time::Duration,
};

use anytrace::{ConsoleRecorder, InitError, RecordingTracer, TracerExt, TracerHandle};

use super::Backend;
use crate::args::MOST;

pub(super) struct Console {
    recorder: ConsoleRecorder,
    tracers: Vec<RecordingTracer>,
}

impl Console {
    pub(super) fn new() -> Self {
        // Spans come from three tracers, each in its own time: a trace is whole when all of them are done.
        let recorder = ConsoleRecorder::new().draws_when_asked().max_traces(MOST as usize);
        Console { recorder, tracers: Vec::new() }
    }
}

impl Backend for Console {
    fn tracer(&mut self, service: &'static str) -> Result<TracerHandle, InitError> {
        let tracer = RecordingTracer::builder(self.recorder.clone()).service(service).build();
        self.tracers.push(tracer.clone());
        Ok(TracerHandle::new(tracer))
    }

    fn answered(&self, line: &str, trace: &str) -> io::Result<()> {
        writeln!(io::stdout(), "{line}, trace {trace}")
    }

    fn finish(self: Box<Self>) -> io::Result<bool> {
        let mut complete = true;
        for tracer in &self.tracers {
            let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
            if let Err(error) = flushed.result {
                eprintln!("demo: {}: {error}", tracer.resource().service_name());
                complete = false;
            }
        }
        self.recorder.draw()?;
        for tracer in self.tracers.iter().rev() {
            let stats = tracer.stats();
            writeln!(io::stdout(), "{:9} {stats}", tracer.resource().service_name())?;
            complete &= stats.delivered == stats.started;
        }
        Ok(complete)
    }
}
