//! Prints each trace as one tree over all services.

use std::{
    io::{self, Write},
    time::Duration,
};

use anytrace::{ConsoleRecorder, InitError, RecordingTracer, TracerExt, TracerHandle};

use super::Backend;
use crate::args::MAX_REQUESTS;

pub(super) struct Console {
    recorder: ConsoleRecorder,
    tracers: Vec<RecordingTracer>,
}

impl Console {
    pub(super) fn new() -> Self {
        // Three tracers deliver spans independently, so the traces are printed once all tracers are shut down.
        let recorder = ConsoleRecorder::new().draws_when_asked().max_traces(MAX_REQUESTS as usize);
        Console { recorder, tracers: Vec::new() }
    }
}

impl Backend for Console {
    fn tracer(&mut self, service: &'static str) -> Result<TracerHandle, InitError> {
        let tracer = RecordingTracer::builder(self.recorder.clone()).service(service).build();
        self.tracers.push(tracer.clone());
        Ok(TracerHandle::new(tracer))
    }

    fn print_response(&self, line: &str, trace: &str) -> io::Result<()> {
        writeln!(io::stdout(), "{line}, trace {trace}")
    }

    fn finish(self: Box<Self>) -> io::Result<bool> {
        let mut all_delivered = true;
        for tracer in &self.tracers {
            let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
            if let Err(error) = flushed.result {
                eprintln!("demo: {}: {error}", tracer.resource().service_name());
                all_delivered = false;
            }
        }
        self.recorder.draw()?;
        for tracer in self.tracers.iter().rev() {
            let stats = tracer.stats();
            writeln!(io::stdout(), "{:9} {stats}", tracer.resource().service_name())?;
            all_delivered &= stats.delivered == stats.started;
        }
        Ok(all_delivered)
    }
}
