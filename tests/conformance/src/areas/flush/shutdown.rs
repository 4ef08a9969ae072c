//! Shutdown: what had finished is delivered, nothing is recorded from then on, and traces of callers go on.

use std::{collections::HashMap, time::Duration};

use anytrace_api::{self as trace, FutureExt, TraceContext, TracerExt, backend::Tracer, flush::FlushError};

use crate::areas::{
    checks,
    current::{caller_number, is_current, nothing_is_current, request},
    executor::{LONG, on_a_thread, on_threads, ready, wait_for},
    flush::{TIMEOUTS, answer, answered},
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Flush:
    a_shutdown_delivers_what_has_finished [Recording, Flush];
    a_shutdown_is_answered_without_time_too [];
    a_shutdown_is_answered_however_long_it_may_take [];
    a_shutdown_is_answered_once_it_is_awaited [];
    shutdowns_at_the_same_time_are_all_answered [];
    a_second_shutdown_changes_nothing [];
    a_flush_after_a_shutdown_is_answered [];
    what_starts_after_a_shutdown_is_not_recorded [Recording, Shutdown];
    what_finishes_after_a_shutdown_is_not_recorded [Recording, Shutdown];
    every_holder_of_a_tracer_sees_its_shutdown [Recording, Shutdown];
    a_guard_shuts_down_once [Recording, Shutdown];
    a_trace_of_a_caller_goes_on_after_a_shutdown [];
    a_trace_of_a_caller_is_injected_after_a_shutdown [Propagation];
    what_is_current_stays_so_over_a_shutdown [];
    whatever_is_done_after_a_shutdown_is_harmless [];
    a_shutdown_while_others_trace_is_harmless [];
}

fn a_shutdown_delivers_what_has_finished(case: &Case) -> Checked {
    case.tracer().start_trace("a").finish();
    case.tracer().start_trace("b").finish();
    let open = case.tracer().start_trace("open");
    let flushed = case.tracer().shutdown_blocking(LONG);
    ensure_eq!(flushed.result, Ok(()), "how the shutdown went");
    if case.can(Capability::FlushNumbers) {
        ensure_eq!(flushed.delivered, 2, "how many the shutdown delivered");
    }
    drop(open);
    let recorded = case.recorded();
    let names = recorded.iter().map(|span| span.name.as_str());
    ensure_eq!(names.filter(|name| ["a", "b"].contains(name)).count(), 2, "how many are recorded");
    Ok(())
}

fn a_shutdown_is_answered_without_time_too(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    answered(|done| case.tracer().shutdown(Duration::ZERO, done))
}

fn a_shutdown_is_answered_however_long_it_may_take(case: &Case) -> Checked {
    // From the longest on: the first is the one that does the work.
    for timeout in TIMEOUTS.into_iter().rev() {
        case.tracer().start_trace("span").finish();
        answered(|done| case.tracer().shutdown(timeout, done))
            .map_err(|why| format!("{timeout:?}: {why}"))?;
    }
    Ok(())
}

fn a_shutdown_is_answered_once_it_is_awaited(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    let flushed = wait_for(case.tracer().shutdown_async(LONG))?;
    ensure!(flushed.result != Err(FlushError::Unanswered), "{flushed}");
    if case.can(Capability::Flush) {
        ensure_eq!(flushed.result, Ok(()), "how the shutdown went");
    }
    drop(case.tracer().shutdown_async(LONG));
    wait_for(case.tracer().shutdown_async(Duration::ZERO)).map(|_| ())
}

fn shutdowns_at_the_same_time_are_all_answered(case: &Case) -> Checked {
    let tracer = case.tracer();
    for _ in 0..10 {
        tracer.start_trace("span").finish();
    }
    let delivered = on_threads(8, |number| {
        let timeout = if number % 2 == 0 { LONG } else { Duration::ZERO };
        let flushed = answer(|done| tracer.shutdown(timeout, done))?;
        let flush = answer(|done| tracer.flush(timeout, done))?;
        Ok(flushed.delivered + flush.delivered)
    })?;
    let delivered: u64 = delivered.into_iter().sum();
    ensure!(delivered <= 10, "{delivered} of 10 are said to be delivered");
    Ok(())
}

fn a_second_shutdown_changes_nothing(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    let first = answer(|done| case.tracer().shutdown(LONG, done))?;
    let recorded = case.recorded().len();
    let second = answer(|done| case.tracer().shutdown(LONG, done))?;
    ensure_eq!((second.delivered, second.dropped.total()), (0, 0), "what the second did");
    ensure_eq!(case.recorded().len(), recorded, "how many are recorded");
    if first.result.is_ok() {
        ensure_eq!(second.result, Ok(()), "how the second went");
    }
    Ok(())
}

fn a_flush_after_a_shutdown_is_answered(case: &Case) -> Checked {
    answered(|done| case.tracer().shutdown(LONG, done))?;
    for timeout in TIMEOUTS {
        let flushed = answer(|done| case.tracer().flush(timeout, done))?;
        ensure_eq!(flushed.delivered, 0, "how many it delivered");
    }
    Ok(())
}

fn what_starts_after_a_shutdown_is_not_recorded(case: &Case) -> Checked {
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
        // Whoever asks may skip costly work.
        ensure!(!span.is_recording(), "{span:?} says that it is recorded");
        span.run(|| trace::start_span("beneath").finish());
    }
    drop(open);
    case.span("before").map(|_| ())
}

fn what_finishes_after_a_shutdown_is_not_recorded(case: &Case) -> Checked {
    let open = case.tracer().start_trace("open");
    let child = open.start_child("child");
    let _ = case.tracer().shutdown_blocking(LONG);
    open.set_tag("late", "said");
    child.finish();
    open.finish();
    case.nothing()
}

fn every_holder_of_a_tracer_sees_its_shutdown(case: &Case) -> Checked {
    let held = case.tracer().clone();
    on_a_thread(move || answered(|done| held.shutdown(LONG, done)))?;
    let here = case.tracer().start_trace("here");
    ensure!(!here.is_recording(), "it says that it is recorded");
    here.finish();
    case.nothing()
}

fn a_guard_shuts_down_once(case: &Case) -> Checked {
    let guard = case.tracer().clone().shutdown_on_drop(LONG);
    guard.tracer().start_trace("before").finish();
    case.tracer().start_trace("before too").finish();
    drop(guard);
    case.tracer().start_trace("after").finish();
    let flushed = case.tracer().clone().shutdown_on_drop(LONG).shutdown();
    ensure_eq!(flushed.delivered, 0, "how many the second guard delivered");
    case.spans(["before", "before too"]).map(|_| ())
}

fn a_trace_of_a_caller_goes_on_after_a_shutdown(case: &Case) -> Checked {
    let before = request(case, 1);
    let _ = case.tracer().shutdown_blocking(LONG);
    let child = before.start_child("child");
    ensure_eq!(
        child.trace_id(),
        caller_number(1).trace_id(),
        "the trace of what starts beneath an open span"
    );
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

fn a_trace_of_a_caller_is_injected_after_a_shutdown(case: &Case) -> Checked {
    let _ = case.tracer().shutdown_blocking(LONG);
    let mut incoming = HashMap::<String, String>::new();
    case.tracer().inject(&caller(), &mut incoming);
    let span = case.tracer().join_trace("span", &case.tracer().extract(&incoming));
    let mut outgoing = HashMap::<String, String>::new();
    span.start_child("call").inject(&mut outgoing);
    let arrived = case.tracer().extract(&outgoing);
    ensure_eq!(arrived.context().trace_id(), caller().trace_id(), "the trace that arrives");
    // Nothing is recorded here, so what is downstream belongs to the caller's span.
    if case.can(Capability::Shutdown) {
        ensure_eq!(arrived.context().span_id(), caller().span_id(), "the span that arrives");
    }
    Ok(())
}

fn what_is_current_stays_so_over_a_shutdown(case: &Case) -> Checked {
    let (span, reference) = (request(case, 1), request(case, 1).reference());
    let other = request(case, 2);
    span.in_scope(|| {
        let _ = case.tracer().shutdown_blocking(LONG);
        is_current(&span, "after a shutdown")?;
        other.in_scope(|| is_current(&other, "entered after a shutdown"))?;
        is_current(&span, "after another scope")
    })?;
    ready(async { is_current(&reference, "in a poll after a shutdown") }.in_span(&reference))??;
    nothing_is_current("after all of them")
}

fn whatever_is_done_after_a_shutdown_is_harmless(case: &Case) -> Checked {
    let mut open = case.tracer().start_trace("open");
    let _ = case.tracer().shutdown_blocking(LONG);
    for span in [case.tracer().start_trace("late"), open.start_child("late child")] {
        span.set_tag("key", "value").event("event").set_name("name").record_error("error");
        span.set_status(trace::Status::Ok).link(trace::Link::to(&caller()));
        span.run(|| {
            trace::set_tag("key", 1);
            trace::suppression::suppressed(|| trace::start_span("silent").finish());
            trace::carry(|| trace::start_span("carried").finish())();
        });
    }
    ensure_eq!(open.set_baggage("key", "value"), Ok(()), "setting baggage");
    ensure_eq!(open.start_child("child").baggage().get("key"), Some("value"), "the baggage of a child");
    open.discard();
    case.tracer().start_trace("cancelled").into_polled().run(|| trace::event("event"));
    ready(async { trace::start_span("inner").finish() }.in_span(trace::start_span("future")))
}

fn a_shutdown_while_others_trace_is_harmless(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(4, |number| {
        if number == 0 {
            return answered(|done| tracer.shutdown(LONG, done));
        }
        for nth in 0..100 {
            let caller = caller_number(nth);
            let span = tracer.join_trace("span", &caller);
            ensure_eq!(span.trace_id(), caller.trace_id(), "the trace");
            span.run(|| trace::start_span("child").finish());
        }
        Ok(())
    })?;
    answered(|done| tracer.flush(LONG, done))?;
    let recorded = case.recorded();
    if case.can(Capability::Shutdown) {
        case.tracer().start_trace("late").finish();
        ensure_eq!(case.recorded().len(), recorded.len(), "how many are recorded then");
    }
    Ok(())
}
