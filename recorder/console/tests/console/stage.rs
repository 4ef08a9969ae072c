//! The setup of the tests: tracers with one manual clock and one source of ids, without reporter threads.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use anytrace_api::TracerExt;
use anytrace_console::ConsoleRecorder;
use anytrace_recorder::{Clock, Ids, RecordingTracer};

/// A writer that stores the text of each write.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<String>>>);

impl Paper {
    pub(crate) fn writes(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn text(&self) -> String {
        self.writes().concat()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) struct Stage {
    pub(crate) paper: Paper,
    pub(crate) clock: Clock,
    ids: Ids,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        Stage { paper: Paper::default(), clock: Clock::manual(now), ids: Ids::sequential() }
    }

    /// Creates a recorder that draws on the paper of this stage.
    pub(crate) fn console(&self) -> ConsoleRecorder {
        ConsoleRecorder::to(self.paper.clone()).width(80)
    }

    pub(crate) fn tracer(&self, service: &str, console: ConsoleRecorder) -> RecordingTracer {
        RecordingTracer::builder(console)
            .service(service)
            .clock(self.clock.clone())
            .ids(self.ids.clone())
            .without_thread()
            .build()
    }

    pub(crate) fn pass(&self, milliseconds: u64) {
        self.clock.advance(Duration::from_millis(milliseconds));
    }

    /// Returns the drawing of the spans that `play` records with one service.
    pub(crate) fn drawn(
        console: impl FnOnce(ConsoleRecorder) -> ConsoleRecorder,
        play: impl FnOnce(&Self, &RecordingTracer),
    ) -> String {
        let stage = Stage::new();
        let tracer = stage.tracer("shop", console(stage.console()));
        play(&stage, &tracer);
        assert_eq!(flush(&tracer), Ok(()));
        stage.paper.text()
    }
}

pub(crate) fn flush(tracer: &RecordingTracer) -> Result<(), String> {
    tracer.flush_blocking(Duration::from_secs(5)).result.map_err(|error| error.to_string())
}

/// Compares the whole drawing. The expected text starts after its first line break.
#[track_caller]
pub(crate) fn assert_drawn(drawn: &str, expected: &str) {
    assert!(drawn == expected.trim_start_matches('\n'), "drawn:\n{drawn}\nexpected:\n{expected}");
}
