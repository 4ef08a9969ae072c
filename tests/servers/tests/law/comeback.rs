//! A tracer that outlives its server.

use std::time::Duration;

use anytrace_api::TracerExt;
use anytrace_recorder::{RecordingTracer, Stats};
use anytrace_servers::Running;

use super::way::{Server, Way};

const LONG: Duration = Duration::from_mins(1);

/// What is made before the server is killed and after it has come back arrives; what is made in between is accounted
/// for.
pub(crate) fn is_noticed(way: &Way, server: Server<Running>) {
    let before = server.held(way);
    // Nothing leaves but by a flush, so that it is known which spans meet which server.
    let tracer = way.tracer(&server.endpoint(way)).interval(LONG).export_timeout(LONG).build();

    make(&tracer, 10);
    assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
    assert_eq!(delivered(&tracer), 10);
    assert_eq!(server.settled(way, before + 10), before + 10);

    let killed = server.killed(way);
    make(&tracer, 20);
    let flushed = tracer.flush_blocking(Duration::from_secs(2));
    assert!(flushed.result.is_err(), "nobody was there: {flushed}");
    assert_eq!(delivered(&tracer), 10);

    let server = killed.started_again();
    make(&tracer, 30);
    // What is still tried of the 20 comes first, and may arrive now.
    let flushed = tracer.shutdown_blocking(LONG);
    let stats = tracer.stats();
    law(&stats);
    assert!(stats.queued == 0 && [40, 60].contains(&stats.delivered), "{stats}; {flushed}");
    let then = if way.forgets() { stats.delivered - 10 } else { before + stats.delivered };
    assert_eq!(server.settled(way, then), then, "{stats}");
}

fn make(tracer: &RecordingTracer, spans: usize) {
    for _ in 0..spans {
        tracer.start_trace("comeback").finish();
    }
}

fn delivered(tracer: &RecordingTracer) -> u64 {
    let stats = tracer.stats();
    law(&stats);
    stats.delivered
}

fn law(stats: &Stats) {
    let sum = stats.delivered + stats.dropped.total() + stats.queued + stats.open;
    assert_eq!(stats.started, sum, "{stats}");
}
