//! Shows how to set explicit times, for queued jobs or replayed logs, and how to control the clock in tests.

use std::time::{Duration, SystemTime};

use anytrace_api::{self as trace, Event, Operation, with_tracer};
use anytrace_recorder::{Clock, MockTracer};

fn main() {
    let queued = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let at = |millis| queued + Duration::from_millis(millis);

    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let job = trace::start_span(Operation::consumer("job").start_at(queued));
        job.event_with(Event::new("picked up").at(at(40)));
        job.start_child(Operation::internal("work").start_at(at(40))).finish_at(at(90));
        job.finish_at(at(100));
        // An end before the start is moved to the start.
        trace::start_span(Operation::internal("backwards").start_at(queued))
            .finish_at(SystemTime::UNIX_EPOCH);
    });
    assert_eq!((mock.span("job").start(), mock.span("job").duration()), (queued, Duration::from_millis(100)));
    assert_eq!(mock.span("job").events().next().unwrap().at(), at(40));
    assert_eq!(mock.span("work").duration(), Duration::from_millis(50));
    assert_eq!(mock.span("backwards").duration(), Duration::ZERO);

    // A manual clock gives exact times in tests, without sleeping.
    let clock = Clock::manual(queued);
    let mock = MockTracer::with(|builder| builder.clock(clock.clone()));
    with_tracer(&mock.handle(), || {
        trace::start_span("timed").run(|| clock.advance(Duration::from_millis(7)));
    });
    assert_eq!((mock.span("timed").start(), mock.span("timed").end()), (queued, at(7)));
    println!("job 100 ms, work 50 ms, timed 7 ms");
}
