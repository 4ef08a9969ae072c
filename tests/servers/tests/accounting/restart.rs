//! A tracer that is running while its server restarts.

use std::time::Duration;

use anytrace_api::TracerExt;
use anytrace_recorder::{RecordingTracer, Stats};
use anytrace_servers::Running;

use super::destination::{Destination, Server};

const LONG: Duration = Duration::from_mins(1);

/// Checks that spans before the kill and after the restart arrive, and that those in between are accounted for.
pub(crate) fn spans_arrive_after_restart(destination: &Destination, server: Server<Running>) {
    let before = server.received_spans(destination);
    // Spans leave only by a flush, which determines the server that receives them.
    let tracer =
        destination.tracer(&server.endpoint(destination)).interval(LONG).export_timeout(LONG).build();

    create_spans(&tracer, 10);
    assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
    assert_eq!(delivered(&tracer), 10);
    assert_eq!(server.wait_for_spans(destination, before + 10), before + 10);

    let killed = server.kill(destination);
    create_spans(&tracer, 20);
    let flushed = tracer.flush_blocking(Duration::from_secs(2));
    assert!(flushed.result.is_err(), "the server was killed: {flushed}");
    assert_eq!(delivered(&tracer), 10);

    let server = killed.restart();
    create_spans(&tracer, 30);
    // The 20 spans may still be retried, and may arrive now.
    let flushed = tracer.shutdown_blocking(LONG);
    let stats = tracer.stats();
    assert_accounted(&stats);
    assert!(stats.queued == 0 && [40, 60].contains(&stats.delivered), "{stats}; {flushed}");
    let expected =
        if destination.loses_spans_when_killed() { stats.delivered - 10 } else { before + stats.delivered };
    assert_eq!(server.wait_for_spans(destination, expected), expected, "{stats}");
}

fn create_spans(tracer: &RecordingTracer, spans: usize) {
    for _ in 0..spans {
        tracer.start_trace("comeback").finish();
    }
}

fn delivered(tracer: &RecordingTracer) -> u64 {
    let stats = tracer.stats();
    assert_accounted(&stats);
    stats.delivered
}

fn assert_accounted(stats: &Stats) {
    let sum = stats.delivered + stats.dropped.total() + stats.queued + stats.open;
    assert_eq!(stats.started, sum, "{stats}");
}
