//! Flushes: each is answered, and the answer is honest.

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
    a_flush_delivers_what_has_finished [Recording, Flush];
    a_flush_says_how_much_it_delivered [Recording, Flush, FlushNumbers];
    a_second_flush_has_only_what_came_since [Recording, Flush, FlushNumbers];
    a_flush_does_not_end_what_is_open [Recording];
    a_flush_does_not_count_what_is_open [Recording, Flush, FlushNumbers];
    a_flush_delivers_what_other_threads_have_finished [Recording, Flush, FlushNumbers];
    a_flush_with_nothing_to_deliver_is_well [Flush];
    a_flush_is_answered_however_long_it_may_take [];
    a_flush_is_answered_once_it_is_awaited [];
    flushes_at_the_same_time_are_all_answered [];
    a_flush_returns_by_about_its_timeout [];
    a_flush_that_is_dropped_does_no_harm [];
    a_flush_leaves_what_is_current_alone [];
    an_answer_may_ask_and_trace_again [];
    flushes_while_others_trace_lose_nothing [Recording];
}

/// Every way to be in a hurry, and none.
pub(crate) const TIMEOUTS: [Duration; 4] = [Duration::ZERO, Duration::from_nanos(1), LONG, Duration::MAX];

/// The answer to what `ask` asks for: an error where it was forgotten, or does not come.
pub(crate) fn answer(ask: impl FnOnce(Done)) -> Result<Flushed, String> {
    let (tells, told) = mpsc::channel();
    ask(Box::new(move |flushed| drop(tells.send(flushed))));
    told.recv_timeout(LONG).map_err(|never| format!("no answer: {never}"))
}

/// There is one, whatever it says.
pub(crate) fn answered(ask: impl FnOnce(Done)) -> Checked {
    answer(ask).map(|_| ())
}

fn a_flush_delivers_what_has_finished(case: &Case) -> Checked {
    for name in ["a", "b", "c"] {
        case.tracer().start_trace(name).finish();
    }
    ensure_eq!(case.tracer().flush_blocking(LONG).result, Ok(()), "how the flush went");
    case.spans(["a", "b", "c"]).map(|_| ())
}

fn a_flush_says_how_much_it_delivered(case: &Case) -> Checked {
    (0..3).for_each(|_| case.tracer().start_trace("span").finish());
    let flushed = case.tracer().flush_blocking(LONG);
    ensure_eq!((flushed.delivered, flushed.dropped.total(), flushed.queued), (3, 0, 0), "its numbers");
    Ok(())
}

fn a_second_flush_has_only_what_came_since(case: &Case) -> Checked {
    let mut delivered = Vec::new();
    for count in [2, 0, 1] {
        (0..count).for_each(|_| case.tracer().start_trace("span").finish());
        delivered.push(case.tracer().flush_blocking(LONG).delivered);
    }
    ensure_eq!(delivered, [2, 0, 1], "how many each flush delivered");
    Ok(())
}

fn a_flush_does_not_end_what_is_open(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let _ = case.tracer().flush_blocking(LONG);
    case.nothing()?;
    span.set_tag("said", "after the flush");
    span.finish();
    let span = case.span("span")?;
    if case.can(Capability::Tags) {
        ensure!(has(&span, "said", "after the flush"), "the tags are {:?}", span.tags);
    }
    Ok(())
}

fn a_flush_does_not_count_what_is_open(case: &Case) -> Checked {
    let open = case.tracer().start_trace("open");
    open.start_child("ended").finish();
    ensure_eq!(case.tracer().flush_blocking(LONG).delivered, 1, "how many it delivered");
    open.finish();
    ensure_eq!(case.tracer().flush_blocking(LONG).delivered, 1, "how many the next delivered");
    Ok(())
}

fn a_flush_delivers_what_other_threads_have_finished(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(4, |_| {
        (0..10).for_each(|_| tracer.start_trace("span").finish());
        Ok(())
    })?;
    ensure_eq!(case.tracer().flush_blocking(LONG).delivered, 40, "how many it delivered");
    Ok(())
}

fn a_flush_with_nothing_to_deliver_is_well(case: &Case) -> Checked {
    let flushed = case.tracer().flush_blocking(LONG);
    ensure_eq!(flushed, Flushed::default(), "the answer");
    Ok(())
}

fn a_flush_is_answered_however_long_it_may_take(case: &Case) -> Checked {
    for timeout in TIMEOUTS {
        case.tracer().start_trace("span").finish();
        answered(|done| case.tracer().flush(timeout, done)).map_err(|why| format!("{timeout:?}: {why}"))?;
    }
    Ok(())
}

fn a_flush_is_answered_once_it_is_awaited(case: &Case) -> Checked {
    for timeout in TIMEOUTS {
        case.tracer().start_trace("span").finish();
        let flushed = wait_for(case.tracer().flush_async(timeout))?;
        ensure!(flushed.result != Err(FlushError::Unanswered), "{timeout:?}: {flushed}");
        if case.can(Capability::Flush) && timeout >= LONG {
            ensure_eq!(flushed.result, Ok(()), "how the flush went");
        }
    }
    Ok(())
}

fn flushes_at_the_same_time_are_all_answered(case: &Case) -> Checked {
    let tracer = case.tracer();
    let delivered = on_threads(8, |number| {
        let mut delivered = 0;
        for nth in 0..5 {
            tracer.start_trace("span").finish();
            let timeout = if (number + nth) % 2 == 0 { LONG } else { Duration::ZERO };
            delivered += answer(|done| tracer.flush(timeout, done))?.delivered;
        }
        Ok(delivered)
    })?;
    let last = answer(|done| tracer.flush(LONG, done))?.delivered;
    if case.can(Capability::Recording) {
        ensure_eq!(case.recorded().len(), 40, "how many are recorded");
        let counted = delivered.iter().sum::<u64>() + last;
        ensure!(
            !case.can(Capability::FlushNumbers) || counted == 40,
            "{counted} of 40 are said to be delivered"
        );
    }
    Ok(())
}

fn a_flush_returns_by_about_its_timeout(case: &Case) -> Checked {
    case.tracer().start_trace("span").finish();
    let since = Instant::now();
    let _ = case.tracer().flush_blocking(Duration::ZERO);
    ensure!(since.elapsed() < LONG / 2, "a flush without time took {:?}", since.elapsed());
    Ok(())
}

fn a_flush_that_is_dropped_does_no_harm(case: &Case) -> Checked {
    case.tracer().start_trace("before").finish();
    drop(case.tracer().flush_async(LONG));
    case.tracer().start_trace("after").finish();
    answered(|done| case.tracer().flush(LONG, done))?;
    if case.can(Capability::Recording) {
        case.spans(["before", "after"])?;
    }
    Ok(())
}

fn a_flush_leaves_what_is_current_alone(case: &Case) -> Checked {
    let span = request(case, 1);
    span.in_scope(|| {
        answered(|done| case.tracer().flush(LONG, done))?;
        is_current(&span, "after a flush")?;
        let inner = trace::start_span("inner");
        ensure_eq!(inner.trace_id(), span.trace_id(), "the trace of what starts then");
        ensure_eq!(inner.is_recording(), span.is_recording(), "whether it is recorded");
        Ok(())
    })
}

/// An answer may come from any thread, and nothing may be locked when it does.
fn an_answer_may_ask_and_trace_again(case: &Case) -> Checked {
    let (tells, told) = mpsc::channel();
    let tracer: TracerHandle = case.tracer().clone();
    case.tracer().start_trace("before").finish();
    // On a thread that nobody waits for: where something is locked, it waits for itself.
    thread::spawn(move || {
        let within = tracer.clone();
        let again = move |_| {
            within.start_trace("within").finish();
            within.clone().flush(LONG, Box::new(move |flushed| drop(tells.send(flushed))));
        };
        tracer.flush(LONG, Box::new(again));
    });
    if let Err(never) = told.recv_timeout(LONG) {
        return Err(format!("no answer to what an answer asked: {never}"));
    }
    case.tracer().start_trace("after").finish();
    if case.can(Capability::Recording) {
        let names: Vec<String> = case.recorded().into_iter().map(|span| span.name).collect();
        let both = ["before", "after"].iter().all(|name| names.iter().any(|known| known == name));
        ensure!(both, "{names:?} are recorded");
    }
    Ok(())
}

fn flushes_while_others_trace_lose_nothing(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(4, |number| {
        for nth in 0..50 {
            if number == 0 {
                answered(|done| tracer.flush(if nth % 2 == 0 { LONG } else { Duration::ZERO }, done))?;
            } else {
                tracer.start_trace("parent").run(|| trace::start_span("child").finish());
            }
        }
        Ok(())
    })?;
    ensure_eq!(case.recorded().len(), 300, "how many are recorded");
    Ok(())
}
