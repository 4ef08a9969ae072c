//! Shutdown: finished spans are delivered, later spans are not recorded, and traces of callers continue.

use std::{collections::HashMap, time::Duration};

use anytrace_api::{self as trace, FutureExt, TraceContext, TracerExt, backend::Tracer, flush::FlushError};

use crate::areas::{
    checks,
    current::{caller_number, is_current, no_span_is_current, request},
    executor::{LONG, on_a_thread, on_threads, ready, wait_for},
    flush::{TIMEOUTS, completes, completion},
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Flush:
    a_shutdown_delivers_finished_spans [Recording, Flush];
    a_shutdown_with_zero_timeout_completes [];
    a_shutdown_completes_for_every_timeout [];
    an_awaited_shutdown_completes [];
    concurrent_shutdowns_all_complete [];
    a_second_shutdown_changes_nothing [];
    a_flush_after_shutdown_completes [];
    spans_started_after_shutdown_are_not_recorded [Recording, Shutdown];
    spans_finished_after_shutdown_are_not_recorded [Recording, Shutdown];
    every_clone_of_a_tracer_is_shut_down [Recording, Shutdown];
    a_shutdown_guard_shuts_down_once [Recording, Shutdown];
    a_callers_trace_continues_after_shutdown [];
    a_callers_context_is_injected_after_shutdown [Propagation];
    a_shutdown_does_not_change_the_current_span [];
    every_call_after_shutdown_is_harmless [];
    a_shutdown_while_other_threads_trace_is_harmless [];
}

fn a_shutdown_delivers_finished_spans(case: &Case) -> Checked {
    case.tracer().start_trace("a").finish();
    case.tracer().start_trace("b").finish();
    let open = case.tracer().start_trace("open");
    let flushed = case.tracer().shutdown_blocking(LONG);
    ensure_eq!(flushed.result, Ok(()), "the result of the shutdown");
    if case.can(Capability::FlushCounts) {
        ensure_eq!(flushed.delivered, 2, "the number of spans the shutdown delivered");
    }
    drop(open);
    let recorded = case.recorded();
    let names = recorded.iter().map(|span| span.name.as_str());
    ensure_eq!(names.filter(|name| ["a", "b"].contains(name)).count(), 2, "the number of recorded spans");
    Ok(())
}

fn a_shutdown_with_zero_timeout_completes(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    completes(|done| case.tracer().shutdown(Duration::ZERO, done))
}

fn a_shutdown_completes_for_every_timeout(case: &Case) -> Checked {
    // The longest timeout comes first, because the first shutdown does the work.
    for timeout in TIMEOUTS.into_iter().rev() {
        case.tracer().start_trace("span").finish();
        completes(|done| case.tracer().shutdown(timeout, done))
            .map_err(|why| format!("{timeout:?}: {why}"))?;
    }
    Ok(())
}

fn an_awaited_shutdown_completes(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    let flushed = wait_for(case.tracer().shutdown_async(LONG))?;
    ensure!(flushed.result != Err(FlushError::Unanswered), "{flushed}");
    if case.can(Capability::Flush) {
        ensure_eq!(flushed.result, Ok(()), "the result of the shutdown");
    }
    drop(case.tracer().shutdown_async(LONG));
    wait_for(case.tracer().shutdown_async(Duration::ZERO)).map(|_| ())
}

fn concurrent_shutdowns_all_complete(case: &Case) -> Checked {
    let tracer = case.tracer();
    for _ in 0..10 {
        tracer.start_trace("span").finish();
    }
    let delivered = on_threads(8, |number| {
        let timeout = if number % 2 == 0 { LONG } else { Duration::ZERO };
        let flushed = completion(|done| tracer.shutdown(timeout, done))?;
        let flush = completion(|done| tracer.flush(timeout, done))?;
        Ok(flushed.delivered + flush.delivered)
    })?;
    let delivered: u64 = delivered.into_iter().sum();
    ensure!(delivered <= 10, "{delivered} of 10 spans were counted as delivered");
    Ok(())
}

fn a_second_shutdown_changes_nothing(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    let first = completion(|done| case.tracer().shutdown(LONG, done))?;
    let recorded = case.recorded().len();
    let second = completion(|done| case.tracer().shutdown(LONG, done))?;
    ensure_eq!(
        (second.delivered, second.dropped.total()),
        (0, 0),
        "the delivered and dropped spans of the second shutdown"
    );
    ensure_eq!(case.recorded().len(), recorded, "the number of recorded spans");
    if first.result.is_ok() {
        ensure_eq!(second.result, Ok(()), "the result of the second shutdown");
    }
    Ok(())
}

fn a_flush_after_shutdown_completes(case: &Case) -> Checked {
    completes(|done| case.tracer().shutdown(LONG, done))?;
    for timeout in TIMEOUTS {
        let flushed = completion(|done| case.tracer().flush(timeout, done))?;
        ensure_eq!(flushed.delivered, 0, "the number of delivered spans");
    }
    Ok(())
}

fn spans_started_after_shutdown_are_not_recorded(case: &Case) -> Checked {
    case.tracer().start_trace("before").finish();
    let open = case.tracer().start_trace("open");
    let _ = case.tracer().shutdown_blocking(LONG);
    let started = [
        trace::start_span("span"),
        case.tracer().start_trace("trace"),
        case.tracer().join_trace("joined", &caller()),
        open.start_child("child"),
    ];
    for span in started {
        // `is_recording` lets callers skip costly work.
        ensure!(!span.is_recording(), "{span:?} is recording");
        span.run(|| trace::start_span("the grandchild").finish());
    }
    drop(open);
    case.span("before").map(|_| ())
}

fn spans_finished_after_shutdown_are_not_recorded(case: &Case) -> Checked {
    let open = case.tracer().start_trace("open");
    let child = open.start_child("child");
    let _ = case.tracer().shutdown_blocking(LONG);
    open.set_tag("late", "said");
    child.finish();
    open.finish();
    case.no_spans()
}

fn every_clone_of_a_tracer_is_shut_down(case: &Case) -> Checked {
    let held = case.tracer().clone();
    on_a_thread(move || completes(|done| held.shutdown(LONG, done)))?;
    let here = case.tracer().start_trace("on this thread");
    ensure!(!here.is_recording(), "the span is recording");
    here.finish();
    case.no_spans()
}

fn a_shutdown_guard_shuts_down_once(case: &Case) -> Checked {
    let guard = case.tracer().clone().shutdown_on_drop(LONG);
    guard.tracer().start_trace("before").finish();
    case.tracer().start_trace("before too").finish();
    drop(guard);
    case.tracer().start_trace("after").finish();
    let flushed = case.tracer().clone().shutdown_on_drop(LONG).shutdown();
    ensure_eq!(flushed.delivered, 0, "the number of spans the second guard delivered");
    case.spans(["before", "before too"]).map(|_| ())
}

fn a_callers_trace_continues_after_shutdown(case: &Case) -> Checked {
    let before = request(case, 1);
    let _ = case.tracer().shutdown_blocking(LONG);
    let child = before.start_child("child");
    ensure_eq!(child.trace_id(), caller_number(1).trace_id(), "the trace of a child of an open span");
    let after = request(case, 2);
    after.run(|| {
        ensure_eq!(
            trace::start_span("inner").trace_id(),
            caller_number(2).trace_id(),
            "the trace of a child"
        );
        Ok(())
    })
}

fn a_callers_context_is_injected_after_shutdown(case: &Case) -> Checked {
    let _ = case.tracer().shutdown_blocking(LONG);
    let mut incoming = HashMap::<String, String>::new();
    case.tracer().inject(&caller(), &mut incoming);
    let span = case.tracer().join_trace("span", &case.tracer().extract(&incoming));
    let mut outgoing = HashMap::<String, String>::new();
    span.start_child("call").inject(&mut outgoing);
    let arrived = case.tracer().extract(&outgoing);
    ensure_eq!(arrived.context().trace_id(), caller().trace_id(), "the extracted trace id");
    // This process records nothing, so downstream spans become children of the caller's span.
    if case.can(Capability::Shutdown) {
        ensure_eq!(arrived.context().span_id(), caller().span_id(), "the extracted span id");
    }
    Ok(())
}

fn a_shutdown_does_not_change_the_current_span(case: &Case) -> Checked {
    let (span, reference) = (request(case, 1), request(case, 1).reference());
    let other = request(case, 2);
    span.in_scope(|| {
        let _ = case.tracer().shutdown_blocking(LONG);
        is_current(&span, "after a shutdown")?;
        other.in_scope(|| is_current(&other, "entered after a shutdown"))?;
        is_current(&span, "after another scope")
    })?;
    ready(async { is_current(&reference, "in a poll after a shutdown") }.in_span(&reference))??;
    no_span_is_current("after all of them")
}

fn every_call_after_shutdown_is_harmless(case: &Case) -> Checked {
    let mut open = case.tracer().start_trace("open");
    let _ = case.tracer().shutdown_blocking(LONG);
    for span in [case.tracer().start_trace("late"), open.start_child("late child")] {
        span.set_tag("key", "value").event("event").set_name("name").record_error("error");
        span.set_status(trace::Status::Ok).link(trace::Link::to(&caller()));
        span.run(|| {
            trace::set_tag("key", 1);
            trace::suppression::suppressed(|| trace::start_span("suppressed").finish());
            trace::carry(|| trace::start_span("carried").finish())();
        });
    }
    ensure_eq!(open.set_baggage("key", "value"), Ok(()), "setting baggage");
    ensure_eq!(open.start_child("child").baggage().get("key"), Some("value"), "the baggage of a child");
    open.discard();
    case.tracer().start_trace("cancelled").into_polled().run(|| trace::event("event"));
    ready(async { trace::start_span("inner").finish() }.in_span(trace::start_span("future")))
}

fn a_shutdown_while_other_threads_trace_is_harmless(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(4, |number| {
        if number == 0 {
            return completes(|done| tracer.shutdown(LONG, done));
        }
        for nth in 0..100 {
            let caller = caller_number(nth);
            let span = tracer.join_trace("span", &caller);
            ensure_eq!(span.trace_id(), caller.trace_id(), "the trace");
            span.run(|| trace::start_span("child").finish());
        }
        Ok(())
    })?;
    completes(|done| tracer.flush(LONG, done))?;
    let recorded = case.recorded();
    if case.can(Capability::Shutdown) {
        case.tracer().start_trace("late").finish();
        ensure_eq!(case.recorded().len(), recorded.len(), "the number of recorded spans after a late span");
    }
    Ok(())
}
