//! The account of every span, and flushes that do not wait for a blocked recorder.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anytrace_api::{
    TracerExt,
    flush::{DropReason, ExportError, FlushError, Flushed},
    with_tracer,
};
use anytrace_recorder::{Batch, Delivery, MemoryRecorder, MockTracer, Recorder, RecordingTracer, Stats};

const LONG: Duration = Duration::from_secs(60);

fn assert_adds_up(stats: &Stats) {
    let sum = stats.delivered + stats.dropped.total() + stats.queued + stats.open;
    assert_eq!(stats.started, sum, "{stats}");
}

/// Blocks in every batch until it is released.
struct Blocked {
    arrived: mpsc::Sender<()>,
    released: mpsc::Receiver<()>,
}

impl Recorder for Blocked {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        let _ = self.arrived.send(());
        let _ = self.released.recv();
        Delivery::all(batch.spans.len())
    }
}

fn blocked() -> (Blocked, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (arrived, arrivals) = mpsc::channel();
    let (release, released) = mpsc::channel();
    (Blocked { arrived, released }, arrivals, release)
}

#[test]
fn a_full_queue_drops_the_newest_and_counts_them() {
    let (recorder, arrivals, release) = blocked();
    let tracer = RecordingTracer::builder(recorder).max_queued_spans(100).max_batch(10).build();
    // Blocks the recorder.
    tracer.start_trace("first").finish();
    let flush = tracer.flush_async(LONG);
    arrivals.recv().unwrap();
    for _ in 0..300 {
        tracer.start_trace("more").finish();
    }
    let stats = tracer.stats();
    assert_adds_up(&stats);
    assert_eq!((stats.started, stats.queued, stats.dropped.of("queue full")), (301, 100, 201), "{stats}");
    drop((release, flush));
    let flushed = tracer.shutdown_blocking(LONG);
    assert_eq!(flushed.result, Ok(()));
    assert_eq!(tracer.stats().delivered, 100);
    assert_adds_up(&tracer.stats());
}

#[test]
fn a_queue_is_bounded_in_bytes() {
    let tracer =
        RecordingTracer::builder(MemoryRecorder::new()).max_queued_bytes(100_000).without_thread().build();
    let text = "x".repeat(10_000);
    for _ in 0..50 {
        tracer.start_trace("large").tag("text", &text).finish();
    }
    let stats = tracer.stats();
    assert_adds_up(&stats);
    assert!((5..=9).contains(&stats.queued), "{stats}");
    assert!(tracer.flush_blocking(LONG).result.is_ok());
    tracer.start_trace("large").tag("text", &text).finish();
    assert_eq!(tracer.stats().queued, 1, "delivered spans have returned their bytes");
}

#[test]
fn a_flush_completes_at_its_deadline_while_the_recorder_is_blocked() {
    let (recorder, arrivals, release) = blocked();
    let tracer = RecordingTracer::builder(recorder).build();
    tracer.start_trace("a").finish();
    let flushed = tracer.flush_blocking(Duration::from_millis(20));
    assert_eq!((flushed.result, flushed.queued), (Err(FlushError::TimedOut), 1));
    arrivals.recv().unwrap();
    tracer.start_trace("b").finish();
    let flushed = tracer.shutdown_blocking(Duration::from_millis(20));
    assert_eq!(flushed.result, Err(FlushError::TimedOut));
    assert_eq!(flushed.dropped.of("shutdown timeout"), 1, "{flushed}");
    assert_eq!(flushed.queued, 1, "the batch in the recorder may still be delivered");
    assert_adds_up(&tracer.stats());
    drop(release);
    let flushed = tracer.shutdown_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
    assert_adds_up(&tracer.stats());
}

/// Refuses every batch, and sends a message for each.
struct Refuses(mpsc::Sender<()>);

impl Recorder for Refuses {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        let _ = self.0.send(());
        Delivery::default().dropped("refused", batch.spans.len()).failed("not today")
    }
}

#[test]
fn an_error_without_a_waiting_flush_is_returned_by_the_next_one() {
    let (sender, batches) = mpsc::channel();
    let tracer = RecordingTracer::builder(Refuses(sender)).interval(Duration::from_millis(1)).build();
    tracer.start_trace("a").finish();
    batches.recv().unwrap();
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!(flushed.result, Err(FlushError::Failed("not today".into())));
    assert_eq!(flushed.dropped.of("refused"), 1);
    assert_eq!(tracer.flush_blocking(LONG), Flushed::default(), "the error is returned once");
}

/// Sends the time that each batch has until its deadline.
struct SendsTimeLeft(mpsc::Sender<Duration>);

impl Recorder for SendsTimeLeft {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let _ = self.0.send(deadline.saturating_duration_since(Instant::now()));
        Delivery::all(batch.spans.len())
    }
}

#[test]
fn the_deadline_of_a_shutdown_limits_the_recorder_and_that_of_a_flush_does_not() {
    let (sender, times_left) = mpsc::channel();
    let tracer = RecordingTracer::builder(SendsTimeLeft(sender)).build();
    tracer.start_trace("a").finish();
    let _ = tracer.flush_blocking(Duration::ZERO);
    assert!(times_left.recv().unwrap() > Duration::from_secs(10), "the export timeout");
    tracer.start_trace("b").finish();
    let _ = tracer.shutdown_blocking(Duration::from_secs(8));
    let time = times_left.recv().unwrap();
    assert!(time <= Duration::from_secs(7), "shortly before the deadline: {time:?}");
    assert_eq!(tracer.stats().delivered, 2);
}

#[test]
fn after_a_shutdown_spans_propagate_their_context_and_ends_are_counted_as_dropped() {
    let memory = MemoryRecorder::new();
    let tracer = RecordingTracer::builder(memory.clone()).build();
    let open = tracer.start_trace("open");
    assert_eq!(tracer.shutdown_blocking(LONG).result, Ok(()));
    let child = open.start_child("child");
    assert!(!child.is_recording());
    assert_eq!(child.trace_id(), open.trace_id());
    assert!(!tracer.start_trace("late").is_recording());
    open.finish();
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.dropped.of("after shutdown")), (1, 1));
    assert_adds_up(&stats);
    assert_eq!(tracer.shutdown_blocking(LONG).result, Ok(()), "a second shutdown changes nothing");
    assert_eq!(tracer.flush_blocking(LONG).result, Err(FlushError::ShutDown));
    assert!(memory.spans().is_empty());
}

#[test]
fn a_panicking_recorder_drops_its_batch_and_is_called_again() {
    struct PanicsOnce(MemoryRecorder, bool);
    impl Recorder for PanicsOnce {
        fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
            if !std::mem::replace(&mut self.1, true) {
                std::panic::resume_unwind(Box::new("on purpose"));
            }
            self.0.record(batch, deadline)
        }
    }
    let memory = MemoryRecorder::new();
    let tracer = RecordingTracer::builder(PanicsOnce(memory.clone(), false)).build();
    tracer.start_trace("lost").finish();
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!(
        flushed.result,
        Err(FlushError::Failed(ExportError::new(DropReason::RecorderPanicked, "the recorder panicked")))
    );
    assert_eq!(flushed.dropped.of("recorder panicked"), 1);
    tracer.start_trace("delivered").finish();
    assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
    assert_eq!(memory.spans()[0].name(), "delivered");
    assert_adds_up(&tracer.stats());
}

#[test]
fn a_recorder_cannot_lose_or_invent_spans() {
    struct Liar(u64);
    impl Recorder for Liar {
        fn record(&mut self, _: Batch<'_>, _: Instant) -> Delivery {
            let mut delivery = Delivery::default();
            delivery.delivered = self.0;
            delivery
        }
    }
    for (claimed, delivered, unaccounted) in [(0, 0, 2), (1, 1, 1), (99, 2, 0)] {
        let tracer = RecordingTracer::builder(Liar(claimed)).without_thread().build();
        tracer.start_trace("a").finish();
        tracer.start_trace("b").finish();
        let flushed = tracer.flush_blocking(LONG);
        assert_eq!((flushed.delivered, flushed.dropped.of("not accounted for")), (delivered, unaccounted));
        assert_adds_up(&tracer.stats());
    }
}

#[test]
fn writes_after_the_end_are_counted_and_not_recorded() {
    let mock = MockTracer::new();
    let span = mock.start_trace("a");
    let late = span.reference();
    span.finish();
    late.set_tag("k", 1).event("e").record_error("too late");
    let child = late.start_child("child");
    assert!(child.is_recording(), "an ended span can have children");
    child.finish();
    assert_eq!(mock.tree(), "a\n  child\n");
    assert_eq!(mock.stats().late, 4, "a tag, an event, an error's event and status");
    assert_eq!(mock.stats().started, 2);
}

#[test]
fn a_recycled_span_contains_nothing_of_the_previous_one() {
    let mock = MockTracer::new();
    let text = String::from("copied");
    let span = mock.start_trace("first").tag("a", 1).tag("b", &text);
    span.event("e").record_error("bad");
    span.finish();
    assert_eq!(mock.tree(), "first a=1 b=copied !e !exception error(bad)\n");
    mock.reset();
    for _ in 0..3 {
        mock.start_trace("again").finish();
    }
    assert_eq!(mock.tree(), "again\nagain\nagain\n");
}

#[test]
fn the_account_adds_up_while_threads_start_and_finish_spans_and_end() {
    let threads = if cfg!(miri) { 3 } else { 50 };
    let memory = MemoryRecorder::new();
    let tracer = RecordingTracer::builder(memory.clone()).max_queued_spans(64).max_batch(8).build();
    let is_over = Arc::new(AtomicBool::new(false));
    let watcher = thread::spawn({
        let (tracer, is_over) = (tracer.clone(), is_over.clone());
        move || {
            let mut checks = 0;
            while !is_over.load(Ordering::Relaxed) || checks == 0 {
                assert_adds_up(&tracer.stats());
                checks += 1;
                thread::yield_now();
            }
            checks
        }
    });
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let tracer = tracer.clone();
            thread::spawn(move || {
                for n in 0..15 {
                    let span = tracer.start_trace("span");
                    let elsewhere = span.start_child("elsewhere");
                    if n == 7 {
                        thread::spawn(move || elsewhere.finish()).join().unwrap();
                    }
                    span.finish();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(watcher.join().unwrap() > 0);
    assert!(tracer.shutdown_blocking(LONG).result.is_ok());
    let stats = tracer.stats();
    assert_adds_up(&stats);
    assert_eq!((stats.started, stats.open, stats.queued), (threads * 30, 0, 0));
    assert_eq!(stats.delivered, memory.spans().len() as u64);
}

#[test]
fn the_work_of_a_recorder_is_not_traced() {
    struct Traces;
    impl Recorder for Traces {
        fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
            assert!(!anytrace_api::start_trace("export").is_recording());
            Delivery::all(batch.spans.len())
        }
    }
    let tracer = RecordingTracer::builder(Traces).without_thread().build();
    with_tracer(&anytrace_api::TracerHandle::new(tracer.clone()), || {
        anytrace_api::start_span("a").finish();
        assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
    });
    assert_eq!(tracer.stats().started, 1);
}

/// Sends the size of each batch.
struct SendsSize(mpsc::Sender<usize>);

impl Recorder for SendsSize {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        self.0.send(batch.spans.len()).unwrap();
        Delivery::all(batch.spans.len())
    }
}

#[test]
fn a_dropped_tracer_still_delivers_its_finished_spans() {
    let (sender, receiver) = mpsc::channel();
    let tracer = RecordingTracer::builder(SendsSize(sender)).interval(LONG).build();
    tracer.start_trace("a").finish();
    drop(tracer);
    assert_eq!(receiver.recv_timeout(LONG), Ok(1));
    assert!(receiver.recv_timeout(LONG).is_err(), "the thread has ended and dropped the recorder");
}

#[test]
fn a_tracer_without_a_thread_drops_its_recorder_with_the_last_handle() {
    let (sender, receiver) = mpsc::channel();
    let tracer = RecordingTracer::builder(SendsSize(sender)).without_thread().build();
    tracer.start_trace("a").finish();
    drop(tracer);
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(receiver.try_recv(), Err(mpsc::TryRecvError::Disconnected));
}

#[test]
fn a_recorder_is_shut_down_once() {
    struct SendsCalls(MemoryRecorder, mpsc::Sender<&'static str>);
    impl Recorder for SendsCalls {
        fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
            self.1.send("record").unwrap();
            self.0.record(batch, deadline)
        }
        fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
            self.1.send("flush").unwrap();
            Ok(())
        }
        fn shutdown(&mut self, _: Instant) -> Result<(), ExportError> {
            self.1.send("shutdown").unwrap();
            Err("shutdown failed".into())
        }
    }
    for on_thread in [true, false] {
        let (sender, receiver) = mpsc::channel();
        let builder = RecordingTracer::builder(SendsCalls(MemoryRecorder::new(), sender)).interval(LONG);
        let tracer = if on_thread { builder } else { builder.without_thread() }.build();
        tracer.start_trace("a").finish();
        let flushed = tracer.shutdown_blocking(LONG);
        assert_eq!(flushed.result, Err(FlushError::Failed("shutdown failed".into())));
        assert_eq!(tracer.shutdown_blocking(LONG).result, Ok(()));
        drop(tracer);
        assert_eq!(receiver.iter().collect::<Vec<_>>(), ["record", "flush", "shutdown"]);
    }
}
