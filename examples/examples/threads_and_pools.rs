//! Shows how to pass the current span to other threads: with a closure, a snapshot or a reference.

use std::{sync::mpsc, thread};

use anytrace_api::{self as trace, Snapshot, SpanRef, with_tracer};
use anytrace_recorder::MockTracer;
use rayon::prelude::*;

fn main() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        trace::start_span("a thread").run(a_thread);
        trace::start_span("scoped threads").run(scoped_threads);
        trace::start_span("a pool").run(a_pool);
        trace::start_span("a queue").run(a_queue);
        trace::start_span("not inherited").run(not_inherited);
    });
    print!("{}", mock.tree());
    let expected = "\
a thread
  there
scoped threads
  there
  there
a pool sum=14
  square
  square
  square
a queue
  later
not inherited
";
    assert_eq!(mock.tree(), expected);
}

fn a_thread() {
    thread::spawn(trace::carry(|| trace::start_span("there").finish())).join().unwrap();
}

/// A snapshot can be used many times, on several threads at once.
fn scoped_threads() {
    let here = Snapshot::here();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| here.run(|| trace::start_span("there").finish()));
        }
    });
}

fn a_pool() {
    let here = Snapshot::here();
    let square = |n: u64| here.run(|| trace::start_span("square").run(|| n * n));
    let sum: u64 = [1, 2, 3].into_par_iter().map(square).sum();
    trace::set_tag("sum", sum);
}

/// A queued job keeps a reference to the span that caused it.
fn a_queue() {
    let (queue, jobs) = mpsc::channel::<SpanRef>();
    let worker = thread::spawn(move || jobs.iter().for_each(|cause| cause.start_child("later").finish()));
    queue.send(trace::current_span()).unwrap();
    drop(queue);
    worker.join().unwrap();
}

/// A new thread does not inherit the current span.
fn not_inherited() {
    thread::spawn(|| assert!(trace::start_span("lost").is_none())).join().unwrap();
}
