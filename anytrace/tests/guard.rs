//! What happens when tracing ends.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anytrace::{Batch, Delivery, MemoryRecorder, Recorder, Tracing, TracingBuilder};

const MINUTE: Duration = Duration::from_secs(60);

/// Loses all.
struct Refuses;

impl Recorder for Refuses {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        Delivery::all(0).dropped("refused", batch.spans.len()).failed("not today")
    }
}

/// Never comes back before it is told that nobody waits any more.
struct Hangs;

impl Recorder for Hangs {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()) + MINUTE);
        Delivery::all(batch.spans.len())
    }
}

fn builder() -> TracingBuilder {
    anytrace::builder().variables(|_| None).service("orders")
}

/// With whatever is said about losses.
fn overheard(builder: TracingBuilder) -> (Tracing, Arc<Mutex<Vec<String>>>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let log = said.clone();
    let tracing =
        builder.on_dropped_spans(move |dropped| log.lock().unwrap().push(dropped.to_string())).build();
    (tracing.unwrap(), said)
}

#[test]
fn a_drop_delivers_and_has_nothing_to_say() {
    let memory = MemoryRecorder::new();
    let (tracing, said) = overheard(builder().recorder(memory.clone()));
    tracing.tracer().start_trace("a").finish();
    tracing.tracer().start_trace("b").discard();
    drop(tracing);
    assert_eq!((memory.spans().len(), said.lock().unwrap().len()), (1, 0));
}

#[test]
fn a_drop_says_what_was_lost_and_why() {
    let (tracing, said) = overheard(builder().recorder(Refuses));
    tracing.tracer().start_trace("a").finish();
    tracing.tracer().start_trace("b").discard();
    drop(tracing);
    assert_eq!(*said.lock().unwrap(), ["1 of 2 spans of orders were not delivered (refused 1): not today"]);
}

#[test]
fn who_shuts_down_is_told_and_a_drop_is_silent() {
    let (tracing, said) = overheard(builder().recorder(Refuses));
    tracing.tracer().start_trace("a").finish();
    let flushed = tracing.shutdown(MINUTE);
    assert_eq!(flushed.to_string(), "failed: not today: 0 delivered, 1 dropped (refused 1), 0 queued");
    assert_eq!(tracing.shutdown(MINUTE).to_string(), "0 delivered, 0 dropped, 0 queued", "again");
    drop(tracing);
    assert!(said.lock().unwrap().is_empty());
}

#[test]
fn a_drop_does_not_wait_for_ever() {
    let (tracing, said) = overheard(builder().recorder(Hangs).shutdown_timeout(Duration::from_millis(20)));
    tracing.tracer().start_trace("a").finish();
    let begun = Instant::now();
    drop(tracing);
    assert!(begun.elapsed() < MINUTE, "{:?}", begun.elapsed());
    assert_eq!(*said.lock().unwrap(), ["1 of 1 spans of orders were not delivered (queued 1): timed out"]);
}

#[test]
fn a_flush_answers_and_stats_are_there_at_any_time() {
    let tracing = builder().recorder(MemoryRecorder::new()).build().unwrap();
    let open = tracing.tracer().start_trace("open");
    tracing.tracer().start_trace("a").finish();
    assert_eq!(tracing.flush(MINUTE).delivered, 1);
    assert_eq!((tracing.stats().started, tracing.stats().open), (2, 1));
    drop(open);
}

#[test]
fn a_panic_of_the_application_while_it_is_told_ends_nothing() {
    let tracing = builder().recorder(Refuses).on_dropped_spans(|_| panic!("on purpose")).build().unwrap();
    tracing.tracer().start_trace("a").finish();
    drop(tracing);
}
