//! The drop and the shutdown of `Tracing`.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anytrace::{Batch, Delivery, MemoryRecorder, Recorder, Tracing, TracingBuilder};

const MINUTE: Duration = Duration::from_secs(60);

/// Drops all spans.
struct Refuses;

impl Recorder for Refuses {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        Delivery::all(0).dropped("refused", batch.spans.len()).failed("not today")
    }
}

/// Blocks for longer than its deadline.
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

/// Builds tracing, and collects the reports on dropped spans.
fn with_reports(builder: TracingBuilder) -> (Tracing, Arc<Mutex<Vec<String>>>) {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let log = reports.clone();
    let tracing =
        builder.on_dropped_spans(move |dropped| log.lock().unwrap().push(dropped.to_string())).build();
    (tracing.unwrap(), reports)
}

#[test]
fn a_drop_without_dropped_spans_reports_nothing() {
    let memory = MemoryRecorder::new();
    let (tracing, reports) = with_reports(builder().recorder(memory.clone()));
    tracing.tracer().start_trace("a").finish();
    tracing.tracer().start_trace("b").discard();
    drop(tracing);
    assert_eq!((memory.spans().len(), reports.lock().unwrap().len()), (1, 0));
}

#[test]
fn a_drop_reports_dropped_spans_with_reasons() {
    let (tracing, reports) = with_reports(builder().recorder(Refuses));
    tracing.tracer().start_trace("a").finish();
    tracing.tracer().start_trace("b").discard();
    drop(tracing);
    assert_eq!(
        *reports.lock().unwrap(),
        ["1 of 2 spans of orders were not delivered (refused 1): not today"]
    );
}

#[test]
fn after_a_shutdown_the_drop_reports_nothing() {
    let (tracing, reports) = with_reports(builder().recorder(Refuses));
    tracing.tracer().start_trace("a").finish();
    let flushed = tracing.shutdown(MINUTE);
    assert_eq!(flushed.to_string(), "failed: not today: 0 delivered, 1 dropped (refused 1), 0 queued");
    assert_eq!(tracing.shutdown(MINUTE).to_string(), "0 delivered, 0 dropped, 0 queued", "again");
    drop(tracing);
    assert!(reports.lock().unwrap().is_empty());
}

#[test]
fn a_drop_waits_no_longer_than_its_timeout() {
    let (tracing, reports) =
        with_reports(builder().recorder(Hangs).shutdown_timeout(Duration::from_millis(20)));
    tracing.tracer().start_trace("a").finish();
    let begun = Instant::now();
    drop(tracing);
    assert!(begun.elapsed() < MINUTE, "{:?}", begun.elapsed());
    assert_eq!(*reports.lock().unwrap(), ["1 of 1 spans of orders were not delivered (queued 1): timed out"]);
}

#[test]
fn flush_and_stats_work_while_spans_are_open() {
    let tracing = builder().recorder(MemoryRecorder::new()).build().unwrap();
    let open = tracing.tracer().start_trace("open");
    tracing.tracer().start_trace("a").finish();
    assert_eq!(tracing.flush(MINUTE).delivered, 1);
    assert_eq!((tracing.stats().started, tracing.stats().open), (2, 1));
    drop(open);
}

#[test]
fn a_panicking_report_function_is_harmless() {
    let tracing = builder().recorder(Refuses).on_dropped_spans(|_| panic!("on purpose")).build().unwrap();
    tracing.tracer().start_trace("a").finish();
    drop(tracing);
}
