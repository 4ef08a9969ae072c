//! Flush: every flush completes, and its result is correct.

pub(crate) mod shutdown;

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anytrace_api::{
    self as trace, TracerHandle,
    backend::Tracer,
    flush::{Done, FlushError, Flushed},
};

use crate::areas::{
    checks,
    current::{has, is_current, request},
    executor::{LONG, on_threads, wait_for},
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Flush:
    a_flush_delivers_finished_spans [Recording, Flush];
    a_flush_reports_how_many_spans_it_delivered [Recording, Flush, FlushCounts];
    a_second_flush_counts_only_newer_spans [Recording, Flush, FlushCounts];
    a_flush_does_not_end_open_spans [Recording];
    a_flush_does_not_count_open_spans [Recording, Flush, FlushCounts];
    a_flush_delivers_spans_finished_on_other_threads [Recording, Flush, FlushCounts];
    a_flush_without_spans_succeeds [Flush];
    a_flush_completes_for_every_timeout [];
    an_awaited_flush_completes [];
    concurrent_flushes_all_complete [];
    a_blocking_flush_returns_near_its_timeout [];
    a_dropped_flush_future_is_harmless [];
    a_flush_does_not_change_the_current_span [];
    a_flush_callback_may_trace_and_flush [];
    flushing_while_other_threads_trace_loses_no_spans [Recording];
}

/// Timeouts from zero to unlimited.
pub(crate) const TIMEOUTS: [Duration; 4] = [Duration::ZERO, Duration::from_nanos(1), LONG, Duration::MAX];

/// Waits for the completion of the flush or shutdown that `start` begins. `Err` if the callback is dropped or too late.
pub(crate) fn completion(start: impl FnOnce(Done)) -> Result<Flushed, String> {
    let (sender, receiver) = mpsc::channel();
    start(Box::new(move |flushed| drop(sender.send(flushed))));
    receiver.recv_timeout(LONG).map_err(|error| format!("the callback was not called: {error}"))
}

/// Checks that the callback is called, with any result.
pub(crate) fn completes(start: impl FnOnce(Done)) -> Checked {
    completion(start).map(|_| ())
}

fn a_flush_delivers_finished_spans(case: &Case) -> Checked {
    for name in ["a", "b", "c"] {
        case.tracer().start_trace(name).finish();
    }
    ensure_eq!(case.tracer().flush_blocking(LONG).result, Ok(()), "the result of the flush");
    case.spans(["a", "b", "c"]).map(|_| ())
}

fn a_flush_reports_how_many_spans_it_delivered(case: &Case) -> Checked {
    (0..3).for_each(|_| case.tracer().start_trace("span").finish());
    let flushed = case.tracer().flush_blocking(LONG);
    ensure_eq!(
        (flushed.delivered, flushed.dropped.total(), flushed.queued),
        (3, 0, 0),
        "the numbers of delivered, dropped and queued spans"
    );
    Ok(())
}

fn a_second_flush_counts_only_newer_spans(case: &Case) -> Checked {
    let mut delivered = Vec::new();
    for count in [2, 0, 1] {
        (0..count).for_each(|_| case.tracer().start_trace("span").finish());
        delivered.push(case.tracer().flush_blocking(LONG).delivered);
    }
    ensure_eq!(delivered, [2, 0, 1], "the number of spans each flush delivered");
    Ok(())
}

fn a_flush_does_not_end_open_spans(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let _ = case.tracer().flush_blocking(LONG);
    case.no_spans()?;
    span.set_tag("said", "after the flush");
    span.finish();
    let span = case.span("span")?;
    if case.can(Capability::Tags) {
        ensure!(has(&span, "said", "after the flush"), "the tags are {:?}", span.tags);
    }
    Ok(())
}

fn a_flush_does_not_count_open_spans(case: &Case) -> Checked {
    let open = case.tracer().start_trace("open");
    open.start_child("ended").finish();
    ensure_eq!(case.tracer().flush_blocking(LONG).delivered, 1, "the number of delivered spans");
    open.finish();
    ensure_eq!(
        case.tracer().flush_blocking(LONG).delivered,
        1,
        "the number of spans the next flush delivered"
    );
    Ok(())
}

fn a_flush_delivers_spans_finished_on_other_threads(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(4, |_| {
        (0..10).for_each(|_| tracer.start_trace("span").finish());
        Ok(())
    })?;
    ensure_eq!(case.tracer().flush_blocking(LONG).delivered, 40, "the number of delivered spans");
    Ok(())
}

fn a_flush_without_spans_succeeds(case: &Case) -> Checked {
    let flushed = case.tracer().flush_blocking(LONG);
    ensure_eq!(flushed, Flushed::default(), "the result of the flush");
    Ok(())
}

fn a_flush_completes_for_every_timeout(case: &Case) -> Checked {
    for timeout in TIMEOUTS {
        case.tracer().start_trace("span").finish();
        completes(|done| case.tracer().flush(timeout, done)).map_err(|why| format!("{timeout:?}: {why}"))?;
    }
    Ok(())
}

fn an_awaited_flush_completes(case: &Case) -> Checked {
    for timeout in TIMEOUTS {
        case.tracer().start_trace("span").finish();
        let flushed = wait_for(case.tracer().flush_async(timeout))?;
        ensure!(flushed.result != Err(FlushError::Unanswered), "{timeout:?}: {flushed}");
        if case.can(Capability::Flush) && timeout >= LONG {
            ensure_eq!(flushed.result, Ok(()), "the result of the flush");
        }
    }
    Ok(())
}

fn concurrent_flushes_all_complete(case: &Case) -> Checked {
    let tracer = case.tracer();
    let delivered = on_threads(8, |number| {
        let mut delivered = 0;
        for nth in 0..5 {
            tracer.start_trace("span").finish();
            let timeout = if (number + nth) % 2 == 0 { LONG } else { Duration::ZERO };
            delivered += completion(|done| tracer.flush(timeout, done))?.delivered;
        }
        Ok(delivered)
    })?;
    let last = completion(|done| tracer.flush(LONG, done))?.delivered;
    if case.can(Capability::Recording) {
        ensure_eq!(case.recorded().len(), 40, "the number of recorded spans");
        let counted = delivered.iter().sum::<u64>() + last;
        ensure!(
            !case.can(Capability::FlushCounts) || counted == 40,
            "{counted} of 40 spans were counted as delivered"
        );
    }
    Ok(())
}

fn a_blocking_flush_returns_near_its_timeout(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    let since = Instant::now();
    let _ = case.tracer().flush_blocking(Duration::ZERO);
    ensure!(since.elapsed() < LONG / 2, "a flush with zero timeout took {:?}", since.elapsed());
    Ok(())
}

fn a_dropped_flush_future_is_harmless(case: &Case) -> Checked {
    case.tracer().start_trace("before").finish();
    drop(case.tracer().flush_async(LONG));
    case.tracer().start_trace("after").finish();
    completes(|done| case.tracer().flush(LONG, done))?;
    if case.can(Capability::Recording) {
        case.spans(["before", "after"])?;
    }
    Ok(())
}

fn a_flush_does_not_change_the_current_span(case: &Case) -> Checked {
    let span = request(case, 1);
    span.in_scope(|| {
        completes(|done| case.tracer().flush(LONG, done))?;
        is_current(&span, "after a flush")?;
        let inner = trace::start_span("inner");
        ensure_eq!(inner.trace_id(), span.trace_id(), "the trace of a span started then");
        ensure_eq!(inner.is_recording(), span.is_recording(), "is_recording of the current span");
        Ok(())
    })
}

/// The callback may run on any thread, and the tracer must not hold a lock meanwhile.
fn a_flush_callback_may_trace_and_flush(case: &Case) -> Checked {
    let (sender, receiver) = mpsc::channel();
    let tracer: TracerHandle = case.tracer().clone();
    case.tracer().start_trace("before").finish();
    // On a detached thread, because a tracer that holds a lock would deadlock.
    thread::spawn(move || {
        let within = tracer.clone();
        let again = move |_| {
            within.start_trace("within").finish();
            within.clone().flush(LONG, Box::new(move |flushed| drop(sender.send(flushed))));
        };
        tracer.flush(LONG, Box::new(again));
    });
    if let Err(error) = receiver.recv_timeout(LONG) {
        return Err(format!("the flush started in a callback did not complete: {error}"));
    }
    case.tracer().start_trace("after").finish();
    if case.can(Capability::Recording) {
        let names: Vec<String> = case.recorded().into_iter().map(|span| span.name).collect();
        let both = ["before", "after"].iter().all(|name| names.iter().any(|known| known == name));
        ensure!(both, "{names:?} are recorded");
    }
    Ok(())
}

fn flushing_while_other_threads_trace_loses_no_spans(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(4, |number| {
        for nth in 0..50 {
            if number == 0 {
                completes(|done| tracer.flush(if nth % 2 == 0 { LONG } else { Duration::ZERO }, done))?;
            } else {
                tracer.start_trace("parent").run(|| trace::start_span("child").finish());
            }
        }
        Ok(())
    })?;
    ensure_eq!(case.recorded().len(), 300, "the number of recorded spans");
    Ok(())
}
