//! Every function without a tracer is harmless and does not allocate.
//!
//! This is one test, because the first scope switches the whole process to its slower path.

use std::{cell::Cell, collections::HashMap, fmt, time::Duration, time::SystemTime};

use allocation_counter::measure;
use anytrace_api::{
    self as trace, Context, EndReason, Event, FutureExt, Link, Operation, Sampling, Snapshot, SpanId,
    SpanRef, Status, TraceContext, TraceId, TracerHandle, errors::BaggageError, tags,
};
use anytrace_swap::serve;

/// A value that must not be formatted, because nothing records it.
struct Costly;

impl fmt::Display for Costly {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("formatted although nothing records it")
    }
}

#[test]
fn calls_without_a_tracer_are_harmless_and_do_not_allocate() {
    let check_no_allocation =
        |name: &str, work: &dyn Fn()| assert_eq!(measure(work).count_total, 0, "{name}");
    check_no_allocation("starting", &starting);
    check_no_allocation("the current span", &the_current_span);
    check_no_allocation("span methods", &|| on_a_span(&trace::start_span("s")));
    check_no_allocation("ending", &ending);
    check_no_allocation("carriers", &carriers);
    check_no_allocation("futures", &futures);
    check_no_allocation("flushing", &|| {
        let _ = trace::tracer();
        assert!(trace::tracer().is_none());
    });

    assert!(trace::tracer().flush_blocking(Duration::ZERO).result.is_ok());
    assert!(trace::tracer().shutdown_blocking(Duration::ZERO).result.is_ok());
    assert_eq!(trace::tracer().extract(&[("traceparent", CALLER)]).context(), &Context::EMPTY);
    contexts_are_still_carried();
    scopes();
    // The calls are still harmless after the first scope.
    for work in [starting, the_current_span, ending, carriers, futures, scopes] {
        work();
    }
    assert_eq!(serve().len(), 1, "only the publisher's own header");
    assert_eq!(trace::counters::unsupported_updates(), 0);
}

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn starting() {
    let tags = tags! { "n" => 1 };
    let other = Context::default();
    let links = [Link::to(&other)];
    let operation = Operation::client("c").tags(&tags).links(&links).start_at(SystemTime::UNIX_EPOCH);
    for span in [
        trace::start_trace(operation),
        trace::start_span(operation),
        trace::join_trace(operation, &other),
        trace::tracer().start_trace("t"),
        trace::tracer().start_span("s"),
        trace::tracer().join_trace("j", &other),
        trace::start_span("parent").start_child("child"),
    ] {
        assert!(span.is_none() && !span.is_recording());
        span.finish();
    }
}

fn the_current_span() {
    trace::set_tag("k", "v");
    trace::set_tags(&tags! { "k" => "v" });
    trace::event("e");
    trace::event_with(Event::new("e").at(SystemTime::UNIX_EPOCH));
    trace::record_error(&Costly);
    assert_eq!(trace::set_baggage("k", "v"), Err(BaggageError::NotShared));
    assert!(trace::current_span().is_none());
    assert_eq!(trace::current_ids(), None);
}

fn on_a_span(span: &SpanRef) {
    span.set_tag("k", 1).set_tags(&[]).set_tag_display("k", &Costly).set_name("n").event("e");
    span.event_with(Event::new("e")).link(Link::to(&Context::EMPTY)).set_status(Status::Ok);
    span.record_error(&Costly);
    assert!(span.record_result(Err::<(), _>(Costly)).is_err());
    assert_eq!((span.trace_id(), span.span_id()), (None, None));
    assert!(span.baggage().is_empty() && span.native().is_none());
    span.in_scope(|| assert!(trace::current_span().is_none()));
    drop(span.enter());
}

fn ending() {
    trace::start_span("s").tag("k", "v").finish();
    trace::start_span("s").finish_at(SystemTime::UNIX_EPOCH);
    trace::start_span("s").finish_as(EndReason::Cancelled);
    trace::start_span("s").discard();
    drop(trace::start_span("s"));
    drop(trace::start_span("s").entered());
    drop(trace::start_span("s").entered().leave());
    assert_eq!(trace::start_span("s").run(|| 7), 7);
    assert!(trace::start_span("s").try_run(|| Err::<(), _>(Costly)).is_err());
}

fn carriers() {
    let mut headers = HashMap::new();
    trace::inject(&mut headers);
    trace::start_span("s").inject(&mut headers);
    trace::tracer().inject(&Context::EMPTY, &mut headers);
    assert!(headers.is_empty());
    let found = trace::extract(&[("traceparent", CALLER)]);
    assert!(found.is_empty() && found.errors().is_empty());
}

fn futures() {
    let polls = Cell::new(0);
    let mut work = std::pin::pin!(async { polls.set(polls.get() + 1) }.in_span(trace::start_span("s")));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(work.as_mut().poll(&mut cx).is_ready());
    let failing = std::future::ready(Err::<(), _>(Costly)).try_in_span(trace::start_span("s"));
    assert!(std::pin::pin!(failing).poll(&mut cx).is_ready());
    assert_eq!(polls.get(), 1);
}

/// Without a tracer, a current context is kept and injected in the W3C formats.
fn contexts_are_still_carried() {
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    SpanRef::from(Context::remote(ids.0, ids.1, Sampling::Record)).in_scope(|| {
        assert_eq!(trace::current_ids(), Some(ids));
        let span = trace::start_span("s");
        assert!(!span.is_recording());
        let mut headers = HashMap::new();
        span.inject(&mut headers);
        assert_eq!(headers["traceparent"], format!("00-{}-{}-01", ids.0, ids.1));
    });
    let mut span = trace::start_span("s");
    span.set_baggage("k", "v").unwrap();
    assert_eq!(span.start_child("c").baggage().get("k"), Some("v"));
    span.share_baggage();
    span.fork_baggage();
    span.run(|| trace::set_baggage("k", "w")).unwrap();
}

fn scopes() {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::pin!(std::future::ready(()).in_current_span()).poll(&mut cx).is_ready());
    let nothing = TracerHandle::none();
    drop(trace::tracer_scope(&nothing));
    drop(trace::suppression::suppressed_scope());
    trace::suppression::suppressed(starting);
    trace::with_tracer(&nothing, starting);
    Snapshot::here().run(starting);
    trace::carry(starting)();
    assert_eq!(trace::start_span("s").into_polled().run(|| 7), 7);
    assert_eq!(trace::current_ids(), None);
}
