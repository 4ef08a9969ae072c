//! Shows how to write a recorder, which receives finished spans and reports how many it delivered.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use anytrace_api::{
    TracerExt,
    flush::{DropReason, ExportError},
};
use anytrace_recorder::{Batch, Delivery, FinishedSpan, Recorder, RecordingTracer};

/// A recorder that writes one line per span. It drops spans of health checks with the reason `health`.
struct Lines<W>(W);

impl<W: Write + Send + 'static> Recorder for Lines<W> {
    fn record(&mut self, batch: Batch<'_>, _deadline: Instant) -> Delivery {
        let wanted = |span: &&FinishedSpan| span.name() != "health";
        let mut written = 0;
        for span in batch.spans.iter().filter(wanted) {
            let service = batch.resource.service_name();
            let line = writeln!(self.0, "{service} {} {:?}", span.name(), span.duration());
            if let Err(error) = line {
                return Delivery::all(written).failed(error.to_string());
            }
            written += 1;
        }
        let health = batch.spans.iter().filter(|span| !wanted(span)).count();
        Delivery::all(written).dropped("health", health)
    }

    fn flush(&mut self, _deadline: Instant) -> Result<(), ExportError> {
        self.0.flush().map_err(|error| {
            ExportError::new(DropReason::WriteFailed, format!("cannot flush the output: {error}"))
                .with_source(error)
        })
    }
}

/// A writer on a full disk.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("disk full"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() {
    let tracer = RecordingTracer::builder(Lines(io::stdout())).service("shop").build();
    tracer.start_trace("order").finish();
    tracer.start_trace("health").finish();
    let flushed = tracer.flush_blocking(Duration::from_secs(5));
    println!("{flushed}");
    assert_eq!((flushed.result, flushed.delivered, flushed.dropped.of("health")), (Ok(()), 1, 1));

    // A failing recorder does not fail the program: its spans are counted as dropped, and the flush returns the error.
    let tracer = RecordingTracer::builder(Lines(Full)).service("shop").build();
    tracer.start_trace("order").finish();
    let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
    println!("{flushed}");
    assert!(flushed.result.is_err());
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.delivered, stats.dropped.total()), (1, 0, 1));
}
