//! Futures, streams and tasks.

use std::{
    collections::HashMap,
    future::{Future, pending, ready},
    mem,
    pin::{Pin, pin},
    task::{Context as Cx, Poll, Waker},
};

use anytrace_api::{
    self as trace, EndReason, FutureExt, Operation, SpanId, Status, TraceContext, TracerHandle, current_span,
    with_tracer,
};
use anytrace_recorder::{FinishedSpan, MemoryRecorder, MockTracer, RecordingTracer};
use futures_util::{FutureExt as _, StreamExt, stream};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Cx::from_waker(Waker::noop()))
}

/// Returns `Pending` once.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|cx| {
        if mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn interleaved_futures_on_one_thread_do_not_mix_their_spans() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let task = |name: &'static str| {
            async move {
                pause().await;
                trace::start_span("inner").tag("of", name).in_scope(|| ());
                pause().await;
                trace::set_tag("own", name);
            }
            .in_span(trace::start_trace(name))
        };
        let (mut a, mut b) = (pin!(task("a")), pin!(task("b")));
        for _ in 0..3 {
            let _ = poll_once(a.as_mut());
            assert!(current_span().is_none());
            let _ = poll_once(b.as_mut());
        }
    });
    assert_eq!(mock.tree(), "a own=a\n  inner of=a dropped\nb own=b\n  inner of=b dropped\n");
}

#[test]
fn a_callback_gets_the_output_before_the_span_ends() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let call = ready(Ok::<u16, String>(404)).in_span_then(trace::start_span("call"), |span, status| {
            if let Ok(status) = status {
                span.set_tag("status", *status).set_status(Status::failed());
            }
        });
        assert_eq!(call.now_or_never(), Some(Ok(404)));
        let fails = ready(Err::<(), _>("no such table")).try_in_span(trace::start_span("query"));
        assert_eq!(fails.now_or_never(), Some(Err("no such table")));
    });
    assert_eq!(mock.tree(), "call status=404 error()\nquery !exception error(no such table)\n");
}

#[test]
fn a_dropped_future_is_cancelled_and_its_destructors_run_in_its_span() {
    struct Cleans;
    impl Drop for Cleans {
        fn drop(&mut self) {
            trace::event("cleaned up");
        }
    }
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let work = async {
            let _cleans = Cleans;
            pending::<()>().await;
        };
        let mut started = Box::pin(work.in_span(trace::start_span("started")));
        assert!(poll_once(started.as_mut()).is_pending());
        drop(started);
        drop(async {}.in_span(trace::start_span("never polled")));
    });
    assert_eq!(mock.tree(), "started !cleaned up cancelled\nnever polled cancelled\n");
}

#[test]
fn a_panic_is_recorded_even_if_it_is_caught_outside() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let panics = async { panic!("on purpose") }.in_span(trace::start_span("a"));
        let caught = std::panic::AssertUnwindSafe(panics).catch_unwind().now_or_never();
        assert!(matches!(caught, Some(Err(_))));
    });
    assert_eq!(mock.span("a").end_reason(), EndReason::Panicked);
}

#[test]
fn a_future_keeps_its_scoped_tracer_and_suppression() {
    let mock = MockTracer::new();
    let other = MockTracer::new();
    let (inner, suppressed, over) = with_tracer(&mock.handle(), || {
        let inner = async { trace::start_trace("inner").finish() }.in_span(trace::start_span("a"));
        let suppressed = async { trace::start_trace("suppressed").is_recording() }.suppressed();
        let over = async { trace::start_span("over").finish() }
            .in_span(trace::start_span("b"))
            .with_tracer(&other.handle());
        (inner, suppressed, over)
    });
    // No tracer is current here.
    inner.now_or_never().unwrap();
    assert_eq!(suppressed.now_or_never(), Some(false));
    over.now_or_never().unwrap();
    assert_eq!(mock.tree(), "a\nb\n  over\ninner\n");
    assert_eq!(other.tree(), "");
}

#[test]
fn a_spawned_future_has_the_span_it_was_given() {
    let mock = MockTracer::new();
    let future = with_tracer(&mock.handle(), || {
        trace::start_span("a").run(|| async { trace::start_span("b").finish() }.in_current_span())
    });
    std::thread::spawn(|| future.now_or_never().unwrap()).join().unwrap();
    assert_eq!(mock.tree(), "a\n  b\n");
}

#[test]
fn a_stream_ends_its_span_when_it_ends() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let rows = stream::iter([1, 2]).map(|row| {
            trace::event("row");
            row
        });
        // The extension trait is for futures only; `InSpan` supports both.
        let mut rows = pin!(trace::future::InSpan::around(rows, trace::start_span("rows")));
        assert_eq!(rows.next().now_or_never(), Some(Some(1)));
        assert_eq!(rows.next().now_or_never(), Some(Some(2)));
        assert_eq!(mock.stats().open, 1);
        assert_eq!(rows.next().now_or_never(), Some(None));
        assert_eq!(rows.next().now_or_never(), Some(None));
    });
    assert_eq!(mock.tree(), "rows !row !row\n");
}

/// Runs one of many tasks. Its spans are nested, and some are cancelled, panic, or leave guards behind.
async fn task(number: usize) {
    for depth in 0..50 {
        let name = format!("span {number}.{depth}");
        let span = trace::start_span(Operation::internal(&name)).tag("number", number);
        match (number + depth) % 7 {
            0 => span.run(|| trace::start_span("leaf").finish()),
            1 => async { tokio::task::yield_now().await }.in_span(span).await,
            2 => {
                let cancelled = async { pending::<()>().await }.in_span(span);
                assert!(cancelled.now_or_never().is_none());
            }
            3 => {
                let panics = async { panic::resume(number) }.in_span(span);
                assert!(std::panic::AssertUnwindSafe(panics).catch_unwind().await.is_err());
            }
            4 => span.run(|| {
                let first = trace::start_span("leaf").entered();
                let second = trace::start_span("leaf").entered();
                drop(first);
                trace::start_span("leaf").finish();
                drop(second);
            }),
            5 => span.run(|| mem::forget(current_span().enter())),
            _ => {
                let there = async { trace::start_span("leaf").finish() }.in_current_span();
                async { tokio::spawn(there.in_current_span()).await.unwrap() }.in_span(span).await;
            }
        }
    }
}

mod panic {
    /// Panics without a message on the terminal.
    pub(crate) fn resume(number: usize) {
        std::panic::resume_unwind(Box::new(number));
    }
}

#[test]
#[cfg_attr(miri, ignore = "needs the operating system's poll, and takes hours")]
fn spans_of_many_tasks_on_many_threads_have_the_right_parents() {
    const TASKS: usize = 200;
    let memory = MemoryRecorder::new();
    let tracer = RecordingTracer::builder(memory.clone()).max_queued_spans(100_000).build();
    let handle = TracerHandle::new(tracer.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(async {
        let tasks = (0..TASKS).map(|number| {
            let root = handle.start_trace("task").tag("number", number);
            tokio::spawn(task(number).in_span(root))
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    drop(runtime);
    let flushed = trace::TracerExt::flush_blocking(&tracer, std::time::Duration::from_secs(60));
    assert_eq!(flushed.result, Ok(()));

    let spans = memory.spans();
    let stats = tracer.stats();
    assert_eq!((stats.started, stats.delivered), (spans.len() as u64, spans.len() as u64), "{stats}");
    assert_eq!((stats.open, stats.queued, stats.dropped.total()), (0, 0, 0), "{stats}");

    let by_id: HashMap<SpanId, &FinishedSpan> = spans.iter().map(|span| (span.span_id(), span)).collect();
    let named = |prefix: &str| spans.iter().filter(|span| span.name().starts_with(prefix)).count();
    assert_eq!((named("task"), named("span ")), (TASKS, TASKS * 50));
    let roots: Vec<_> = spans.iter().filter(|span| span.parent_span_id().is_none()).collect();
    assert_eq!(roots.len(), TASKS);
    for span in &spans {
        let Some(parent) = span.parent_span_id() else { continue };
        let parent = by_id[&parent];
        assert_eq!(parent.trace_id(), span.trace_id());
        if span.name().starts_with("span ") {
            // A child of the root of the same task.
            assert_eq!((parent.name(), parent.tag("number")), ("task", span.tag("number")));
        }
    }
    let ended = |reason| spans.iter().filter(|span| span.end_reason() == reason).count();
    let each =
        |case| (0..TASKS).flat_map(|n| (0..50).map(move |d| n + d)).filter(|sum| sum % 7 == case).count();
    assert_eq!(ended(EndReason::Cancelled), each(2));
    assert_eq!(ended(EndReason::Panicked), each(3));
    assert!(spans.iter().all(|span| span.context().trace_id().is_some()));
}
