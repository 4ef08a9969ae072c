//! A trace through several clones is drawn once and completely.

use std::time::{Duration, Instant};

use anytrace_api::{Operation, TracerExt};
use anytrace_console::ConsoleRecorder;
use anytrace_recorder::{Batch, Delivery, FinishedSpan, MockTracer, Recorder, RecordingTracer, Resource};

use crate::stage::{Stage, assert_drawn, flush};

fn three(stage: &Stage, console: &ConsoleRecorder) -> [RecordingTracer; 3] {
    ["one", "two", "three"].map(|service| stage.tracer(service, console.clone()))
}

/// Records a trace through all services.
fn call([one, two, three]: &[RecordingTracer; 3]) {
    let first = one.start_trace(Operation::server("a"));
    let second = two.join_trace(Operation::server("b"), &first);
    three.join_trace(Operation::server("c"), &second).finish();
    second.finish();
    first.finish();
}

#[test]
fn a_flush_of_the_only_clone_draws_everything() {
    let stage = Stage::new();
    let tracer = stage.tracer("shop", stage.console());
    tracer.start_trace("first").finish();
    tracer.start_trace("second").finish();
    let root = tracer.start_trace("third");
    root.start_child("part").finish();
    assert_eq!(flush(&tracer), Ok(()));
    assert_eq!(stage.paper.writes().len(), 3, "whole traces in one write");

    root.finish();
    assert_eq!(flush(&tracer), Ok(()));
    assert_drawn(
        stage.paper.writes().last().unwrap(),
        "
trace 00000000000000000000000000000005
(continued)
third       0 ns │█                                                            │

",
    );
    assert_eq!(flush(&tracer), Ok(()));
    assert_eq!(stage.paper.writes().len(), 4, "nothing is drawn twice");
}

#[test]
fn the_last_flush_of_three_services_draws() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let stage = Stage::new();
        let tracers = three(&stage, &stage.console());
        for round in 1..=2 {
            call(&tracers);
            for (n, service) in order.into_iter().enumerate() {
                assert_eq!(flush(&tracers[service]), Ok(()));
                assert_eq!(stage.paper.writes().len(), round - usize::from(n < 2), "{order:?}");
            }
        }
        assert!(stage.paper.writes().iter().all(|drawing| drawing.lines().count() == 5));
        assert!(!stage.paper.text().contains("continued"));
    }
}

#[test]
fn the_last_clone_draws_the_spans_of_dropped_clones() {
    let stage = Stage::new();
    let console = stage.console();
    let tracers = three(&stage, &console);
    call(&tracers);
    for tracer in tracers {
        assert!(tracer.shutdown_blocking(Duration::from_secs(5)).result.is_ok());
        assert_eq!(stage.paper.text(), "", "somebody may still draw, or hand the console to one more tracer");
    }
    drop(console);
    assert_eq!(stage.paper.writes().len(), 1);
}

#[test]
fn draws_when_asked_draws_only_on_request() {
    let stage = Stage::new();
    let console = stage.console().draws_when_asked().linger(Duration::ZERO);
    let tracers = three(&stage, &console);
    call(&tracers);
    for tracer in &tracers {
        assert_eq!(flush(tracer), Ok(()));
    }
    assert_eq!(stage.paper.text(), "");
    console.draw().unwrap();
    console.draw().unwrap();
    assert_eq!(stage.paper.writes().len(), 1);

    call(&tracers);
    for tracer in &tracers {
        assert_eq!(flush(tracer), Ok(()));
    }
    drop((console, tracers));
    assert_eq!(stage.paper.writes().len(), 2, "what is left is drawn at the end");
}

#[test]
fn the_oldest_trace_is_drawn_above_a_limit() {
    let stage = Stage::new();
    let console = stage.console().draws_when_asked().max_traces(2);
    let tracer = stage.tracer("shop", console.clone());
    for name in ["first", "second", "third"] {
        tracer.start_trace(name).finish();
    }
    assert_eq!(flush(&tracer), Ok(()));
    assert_eq!(stage.paper.writes().len(), 1);
    assert!(stage.paper.text().contains("first"));
    drop(console.max_spans(0));
    tracer.start_trace("fourth").finish();
    assert_eq!(flush(&tracer), Ok(()));
    assert_eq!(stage.paper.writes().len(), 4);
}

/// Returns a root span and a child.
fn spans() -> Vec<FinishedSpan> {
    let mock = MockTracer::new();
    let root = mock.start_trace("root");
    root.start_child("child").finish();
    root.finish();
    mock.finished()
}

fn record(console: &mut ConsoleRecorder, spans: &[FinishedSpan]) {
    let delivery = console.record(Batch::new(&Resource::new("shop"), spans), Instant::now());
    assert_eq!(delivery, Delivery::all(spans.len()));
}

#[test]
fn a_trace_with_its_root_is_drawn_after_the_linger_time_without_a_flush() {
    for (linger, writes) in [(Duration::ZERO, 1), (Duration::from_secs(3600), 0)] {
        let stage = Stage::new();
        let mut console = stage.console().linger(linger);
        let spans = spans();
        record(&mut console, &spans[..1]);
        console.idle();
        assert_eq!(stage.paper.writes().len(), 0, "no root");
        record(&mut console, &spans[1..]);
        console.idle();
        assert_eq!(stage.paper.writes().len(), writes);
    }
}

#[test]
fn a_trace_is_not_drawn_before_every_tracer_has_delivered() {
    let stage = Stage::new();
    let mut one = stage.console().linger(Duration::ZERO);
    let mut two = one.clone();
    two.idle();
    let spans = spans();
    record(&mut one, &spans[1..]);
    one.idle();
    assert_eq!(stage.paper.writes().len(), 0, "the other one may have more");
    record(&mut two, &spans[..1]);
    one.idle();
    assert_eq!(stage.paper.writes().len(), 1);
    assert_eq!(stage.paper.text().lines().count(), 4, "{}", stage.paper.text());
}
