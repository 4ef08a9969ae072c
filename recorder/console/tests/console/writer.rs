//! Failing writers.

use std::{
    io::{self, ErrorKind, Write},
    time::Duration,
};

use anytrace_api::TracerExt;
use anytrace_console::ConsoleRecorder;
use anytrace_recorder::RecordingTracer;

use crate::stage::flush;

/// A writer that fails the given number of times.
struct Failing(ErrorKind, usize);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.1 == 0 {
            return Ok(bytes.len());
        }
        self.1 -= 1;
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const UNWRITABLE: &str = "write failed";

fn tracer(console: &ConsoleRecorder) -> RecordingTracer {
    RecordingTracer::builder(console.clone()).without_thread().build()
}

#[test]
fn a_closed_pipe_drops_spans_and_does_not_panic() {
    let console = ConsoleRecorder::to(Failing(ErrorKind::BrokenPipe, 1)).max_spans(0);
    let tracer = tracer(&console);
    for _ in 0..3 {
        tracer.start_trace("root").finish();
        tracer.start_trace("root").finish();
        let flushed = tracer.flush_blocking(Duration::from_secs(5));
        assert_eq!((flushed.delivered, flushed.dropped.of(UNWRITABLE)), (0, 2));
    }
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.delivered, stats.dropped.of(UNWRITABLE)), (6, 0, 6));
    assert_eq!(console.lost(), 0, "all are in the account");
}

#[test]
fn the_error_is_returned_once() {
    let console = ConsoleRecorder::to(Failing(ErrorKind::BrokenPipe, 1)).max_spans(0);
    let tracer = tracer(&console);
    tracer.start_trace("root").finish();
    let error = flush(&tracer).unwrap_err();
    assert!(error.contains("cannot write to the console: broken pipe"), "{error}");
    tracer.start_trace("root").finish();
    assert_eq!(flush(&tracer), Ok(()));
}

#[test]
fn unwritten_spans_of_earlier_batches_are_counted_as_lost() {
    let console = ConsoleRecorder::to(Failing(ErrorKind::StorageFull, 1));
    let tracer = tracer(&console);
    let root = tracer.start_trace("root");
    root.start_child("child").finish();
    assert_eq!(flush(&tracer), Ok(()), "another clone is there, so that it is kept");
    root.finish();
    assert_eq!(flush(&tracer), Ok(()));
    assert_eq!(console.draw().unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!((console.lost(), tracer.stats().delivered), (2, 2));

    tracer.start_trace("root").finish();
    assert_eq!(flush(&tracer), Ok(()));
    assert!(console.draw().is_ok(), "other errors may pass");
    assert_eq!(console.lost(), 2);
}

#[test]
fn a_panic_of_the_writer_is_an_error() {
    struct Panicking;

    impl Write for Panicking {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            std::panic::resume_unwind(Box::new(()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let console = ConsoleRecorder::to(Panicking);
    let tracer = tracer(&console);
    tracer.start_trace("root").finish();
    assert_eq!(flush(&tracer), Ok(()));
    assert_eq!(console.draw().unwrap_err().to_string(), "the writer panicked");
    tracer.start_trace("root").finish();
    assert_eq!(flush(&tracer), Ok(()));
    drop((console, tracer));
}
