//! The current span, and the parents of new spans.

use std::{mem, panic, thread};

use anytrace_api::{
    self as trace, Context, EndReason, PolledSpan, Sampling, Snapshot, SpanId, SpanRef, TraceContext,
    TraceId, TracerExt, TracerHandle, carry, current_ids, current_span, suppression::suppressed, with_tracer,
};
use anytrace_recorder::MockTracer;

fn traced(work: impl FnOnce(&MockTracer)) -> MockTracer {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || work(&mock));
    mock
}

fn remote() -> Context {
    Context::remote(TraceId::from_u128(7).unwrap(), SpanId::from_u64(9).unwrap(), Sampling::Record)
}

#[test]
fn a_span_is_a_child_of_the_current_span() {
    let mock = traced(|_| {
        trace::start_span("a").run(|| {
            trace::start_span("b").run(|| trace::start_span("c").finish());
            trace::start_span("d").finish();
        });
    });
    assert_eq!(mock.tree(), "a\n  b\n    c\n  d\n");
}

#[test]
fn start_trace_ignores_the_current_span() {
    let mock = traced(|_| trace::start_span("a").run(|| trace::start_trace("b").finish()));
    assert_eq!(mock.tree(), "a\nb\n");
    assert_ne!(mock.span("a").trace_id(), mock.span("b").trace_id());
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let mock = traced(|_| {
        let a = trace::start_span("a").entered();
        let b = trace::start_span("b").entered();
        drop(a);
        trace::start_span("under b").finish();
        drop(b);
        trace::start_span("root").finish();
    });
    assert_eq!(mock.tree(), "a dropped\n  b dropped\n    under b\nroot\n");
}

#[test]
fn a_forgotten_guard_is_undone_at_the_end_of_its_closure() {
    let mock = traced(|_| {
        let a = trace::start_span("a");
        a.in_scope(|| mem::forget(trace::start_span("b").enter()));
        a.in_scope(|| trace::start_span("c").finish());
        trace::start_span("d").finish();
        a.finish();
    });
    assert_eq!(mock.tree(), "a\n  b dropped\n  c\nd\n");
    assert_eq!(mock.stats().open, 0);
}

#[test]
fn a_span_forgotten_with_its_guard_is_counted_as_open() {
    let mock = traced(|_| mem::forget(trace::start_span("lost").entered()));
    assert_eq!(mock.stats().open, 1);
}

#[test]
fn a_panic_is_recorded_in_the_span_and_continues() {
    let mock = traced(|_| {
        let caught = panic::catch_unwind(|| trace::start_span("a").run(|| panic!("on purpose")));
        assert!(caught.is_err());
        assert!(current_span().is_none());
    });
    assert_eq!(mock.span("a").end_reason(), EndReason::Panicked);
}

#[test]
fn a_span_started_during_unwinding_did_not_panic() {
    struct Cleans;
    impl Drop for Cleans {
        fn drop(&mut self) {
            drop(trace::start_span("clean-up"));
        }
    }
    let mock = traced(|_| {
        let caught = panic::catch_unwind(|| {
            let _cleans = Cleans;
            panic!("on purpose");
        });
        assert!(caught.is_err());
    });
    assert_eq!(mock.span("clean-up").end_reason(), EndReason::Dropped);
}

#[test]
fn errors_are_recorded_and_returned() {
    let mock = traced(|_| {
        let result = trace::start_span("a").try_run(|| "x".parse::<u8>());
        assert!(result.is_err());
    });
    let span = mock.span("a");
    let event = span.events().next().unwrap();
    assert_eq!(event.tag("exception.type").unwrap().as_str(), Some("core::num::error::ParseIntError"));
    assert_eq!(event.tag("exception.message").unwrap().as_str(), Some("invalid digit found in string"));
    assert!(span.is_error());
}

#[test]
fn a_scoped_tracer_hides_outer_spans() {
    let outer = MockTracer::new();
    let inner = MockTracer::new();
    with_tracer(&outer.handle(), || {
        trace::start_span("a").run(|| {
            with_tracer(&inner.handle(), || {
                assert!(current_span().is_none());
                trace::start_span("b").run(|| trace::start_span("c").finish());
            });
            with_tracer(&TracerHandle::none(), || assert!(trace::start_span("nothing").is_none()));
        });
    });
    assert_eq!((outer.tree().as_str(), inner.tree().as_str()), ("a\n", "b\n  c\n"));
}

#[test]
fn a_child_uses_the_backend_of_its_parent() {
    let other = MockTracer::new();
    let scoped = traced(|_| other.start_trace("a").run(|| trace::start_span("b").finish()));
    assert_eq!((other.tree().as_str(), scoped.tree().as_str()), ("a\n  b\n", ""));
}

#[test]
fn threads_have_the_current_span_only_if_it_is_carried() {
    let mock = traced(|_| {
        trace::start_span("a").run(|| {
            thread::spawn(carry(|| trace::start_span("carried").finish())).join().unwrap();
            thread::spawn(|| assert!(trace::start_span("nothing").is_none())).join().unwrap();
            let here = Snapshot::here();
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| here.run(|| trace::start_span("pool").finish()));
                }
            });
        });
    });
    assert_eq!(mock.tree(), "a\n  carried\n  pool\n  pool\n");
}

#[test]
fn suppressed_spans_propagate_the_context_and_are_not_recorded() {
    let mock = traced(|mock| {
        trace::start_span("a").run(|| {
            suppressed(|| {
                let ids = current_ids();
                let span = trace::start_span("suppressed");
                assert!(!span.is_recording());
                assert_eq!(span.context().ids(), ids);
                assert!(!mock.start_trace("suppressed").is_recording());
                assert_eq!(mock.join_trace("suppressed", &remote()).trace_id(), remote().trace_id());
                thread::spawn(carry(|| assert!(!trace::start_span("suppressed").is_recording())))
                    .join()
                    .unwrap();
            });
            trace::start_span("b").finish();
        });
    });
    assert_eq!(mock.tree(), "a\n  b\n");
}

#[test]
fn a_context_without_a_span_can_be_current() {
    let mock = traced(|_| {
        SpanRef::from(remote()).in_scope(|| {
            assert_eq!(current_ids(), remote().ids());
            trace::start_span("joined").finish();
        });
    });
    let joined = mock.span("joined");
    assert_eq!(
        (joined.trace_id(), joined.parent_span_id()),
        (TraceId::from_u128(7).unwrap(), SpanId::from_u64(9))
    );
    assert!(joined.parent_is_remote());
}

#[test]
fn the_child_of_a_span_that_is_not_recorded_has_the_context_of_its_parent() {
    let unsampled = remote().with_sampling(Sampling::Drop);
    let mock = traced(|_| {
        let span = trace::join_trace("a", &unsampled);
        assert!(!span.is_recording());
        span.run(|| {
            let child = trace::start_span("b");
            assert_eq!(child.context().ids(), unsampled.ids());
            assert_eq!(child.start_child("c").context().sampling(), Sampling::Drop);
        });
    });
    assert_eq!((mock.tree().as_str(), mock.stats().started), ("", 0));
}

#[test]
fn a_polled_span_is_current_only_while_it_runs() {
    let mock = traced(|_| {
        let mut body = trace::start_span("body").into_polled();
        body.run(|| trace::start_span("first").finish());
        assert!(current_span().is_none());
        // A guard that outlives the run belongs to the polled span.
        let guard = body.run(|| trace::start_span("inner").entered());
        assert!(current_span().is_none());
        body.run(|| trace::start_span("second").finish());
        body.run(|| drop(guard));
        body.run(|| trace::start_span("third").finish());
        body.finish();
    });
    assert_eq!(mock.tree(), "body\n  first\n  inner dropped\n    second\n  third\n");
}

#[test]
fn a_polled_span_survives_an_outer_guard_that_is_dropped_while_it_runs() {
    let mock = traced(|_| {
        let outer = trace::start_span("outer").entered();
        let mut body = trace::start_trace("body").into_polled();
        body.run(|| drop(outer));
        body.run(|| trace::start_span("inside").finish());
        trace::start_span("outside").finish();
    });
    assert_eq!(mock.tree(), "outer dropped\nbody cancelled\n  inside\noutside\n");
}

#[test]
fn a_dropped_polled_span_is_cancelled() {
    let mock = traced(|_| {
        drop(PolledSpan::from(trace::start_span("cancelled")));
        let mut panics = trace::start_span("panicked").into_polled();
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| panics.run(|| panic!("on purpose"))));
        assert!(caught.is_err());
        drop(panics);
    });
    assert_eq!(mock.tree(), "cancelled cancelled\npanicked panicked\n");
}

#[test]
fn tracing_in_a_display_implementation_inside_a_setter_is_harmless() {
    struct TracesInDisplay;
    impl std::fmt::Display for TracesInDisplay {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            trace::set_tag("from within", true);
            trace::start_span("from within").finish();
            f.write_str("shown")
        }
    }
    let mock = traced(|_| {
        trace::start_span("a").run(|| {
            current_span().set_tag_display("k", &TracesInDisplay);
            trace::record_error(&TracesInDisplay);
        });
    });
    assert_eq!(mock.span("a").tag("k").unwrap().as_str(), Some("shown"));
    assert!(mock.span("a").is_error());
}

#[test]
fn spans_in_thread_locals_end_with_their_thread() {
    thread_local! {
        static SCOPES: std::cell::RefCell<Vec<trace::SpanScope>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let mock = MockTracer::new();
    let handle = mock.handle();
    let thread = thread::spawn(move || {
        SCOPES.with_borrow_mut(|scopes| scopes.push(handle.start_trace("first").entered()));
        SCOPES.with_borrow_mut(|scopes| scopes.push(trace::start_span("second").entered()));
    });
    thread.join().unwrap();
    let stats = mock.stats();
    assert_eq!((stats.started, stats.open), (2, 0));
}

#[test]
fn baggage_can_be_removed_from_the_spans_on_which_it_can_be_set() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let mut own = trace::start_span("own");
        own.set_baggage("k", "v").unwrap();
        let before = own.start_child("before");
        assert_eq!(own.remove_baggage("k"), Ok(true));
        assert_eq!(own.remove_baggage("k"), Ok(false));
        assert_eq!(
            before.baggage().get("k"),
            Some("v"),
            "children that were started earlier are not affected"
        );
        assert_eq!(trace::remove_baggage("k"), Err(trace::errors::BaggageError::NotShared));

        let mut shared = trace::start_span("shared");
        shared.share_baggage();
        shared.run(|| {
            trace::set_baggage("k", "v").unwrap();
            assert_eq!(trace::start_span("child").baggage().get("k"), Some("v"));
            assert_eq!(trace::remove_baggage("k"), Ok(true));
            assert!(trace::start_span("child").baggage().is_empty());
        });
    });
}

#[test]
fn forked_baggage_is_separate_from_the_shared_baggage() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let mut request = trace::start_span("request");
        request.share_baggage();
        let request = request.entered();
        trace::set_baggage("k", "request").unwrap();
        let mut branch = trace::start_span("branch");
        branch.fork_baggage();
        branch.run(|| {
            trace::set_baggage("k", "branch").unwrap();
            assert_eq!(trace::start_span("child").baggage().get("k"), Some("branch"));
        });
        assert_eq!(request.baggage().get("k"), Some("request"));
    });
}

#[test]
fn free_functions_write_to_the_current_span() {
    let mock = traced(|_| {
        trace::start_span("a").run(|| {
            assert!(trace::is_recording());
            trace::set_name("GET /users");
            trace::set_tags(&trace::tags! { "k" => 1, "l" => None::<i64> });
            trace::link(trace::Link::to(&remote()));
            trace::set_status(trace::Status::error("no"));
        });
        assert!(!trace::is_recording());
    });
    assert_eq!(mock.tree(), "GET /users k=1 ~0000000000000009 error(no)\n");
}

#[test]
fn an_error_is_recorded_with_its_causes() {
    struct Chain;
    impl std::fmt::Display for Chain {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(if f.alternate() { "reading: no such file" } else { "reading" })
        }
    }
    let mock = traced(|_| {
        let boxed: Box<dyn std::error::Error> = "boxed".into();
        let span = trace::start_span("a");
        span.record_error(&Chain);
        span.record_error(&boxed);
        span.finish();
    });
    let span = mock.span("a");
    let events: Vec<_> = span.events().collect();
    assert_eq!(events[0].tag("exception.message").unwrap().as_str(), Some("reading: no such file"));
    assert!(events[0].tag("exception.type").unwrap().as_str().unwrap().ends_with("Chain"));
    assert_eq!(events[1].tag("exception.type"), None, "a box does not know the type of its error");
}

#[test]
fn a_span_without_a_tracer_hides_outer_spans() {
    let mock = traced(|_| {
        trace::start_span("a").run(|| {
            let off = TracerHandle::none();
            off.start_trace("b").run(|| assert!(current_span().is_none()));
            off.start_trace("c").into_polled().run(|| assert!(current_span().is_none()));
            trace::start_span("d").finish();
        });
    });
    assert_eq!(mock.tree(), "a\n  d\n");
}
