//! Futures: their span is current during each poll, and only then.

pub(crate) mod cancellation;
pub(crate) mod coroutines;
pub(crate) mod polled_span;
pub(crate) mod spawned;

use std::{pin::pin, task::Poll};

use anytrace_api::{self as trace, FutureExt};

use crate::areas::{
    checks,
    current::{has, is_current, no_span_is_current, request},
    executor::{on_a_thread, pause, poll_once, ready},
};
use crate::{
    Capability, RecordedStatus,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    a_span_is_current_only_during_polls_of_its_future [];
    a_poll_restores_the_previous_current_span [];
    a_started_span_ends_with_its_future [Recording];
    a_reference_does_not_end_with_its_future [Recording];
    a_future_may_be_polled_by_one_thread_after_another [];
    futures_in_futures_nest_their_spans [];
    a_span_may_end_while_its_future_goes_on [];
    a_guard_held_across_an_await_stays_with_its_future [];
    the_error_of_a_future_is_recorded_and_returned [];
    the_output_of_a_future_is_inspected_before_its_span_ends [Recording, Tags];
}

fn a_span_is_current_only_during_polls_of_its_future(case: &Case) -> Checked {
    let span = request(case, 1);
    let reference = span.reference();
    let work = async {
        for _ in 0..3 {
            is_current(&reference, "in a poll")?;
            pause().await;
        }
        is_current(&reference, "in the last poll")
    };
    let mut future = pin!(work.in_span(span));
    no_span_is_current("before the first poll")?;
    loop {
        let polled = poll_once(future.as_mut());
        no_span_is_current("after a poll")?;
        if let Poll::Ready(checked) = polled {
            return checked;
        }
    }
}

fn a_poll_restores_the_previous_current_span(case: &Case) -> Checked {
    let (around, own) = (request(case, 1), request(case, 2));
    let work = async {
        is_current(&own, "in the first poll")?;
        pause().await;
        is_current(&own, "in the second poll")
    };
    let mut future = pin!(work.in_span(own.reference()));
    around.in_scope(|| {
        let first = poll_once(future.as_mut());
        ensure!(first.is_pending(), "the future is ready too early: {first:?}");
        is_current(&around, "after the first poll")
    })?;
    let other = request(case, 3);
    other.in_scope(|| {
        let second = poll_once(future.as_mut());
        ensure_eq!(second, Poll::Ready(Ok(())), "the second poll");
        is_current(&other, "after the second poll")
    })
}

fn a_started_span_ends_with_its_future(case: &Case) -> Checked {
    let mut future = pin!(pause().in_span(trace::start_span("span")));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    case.no_spans()?;
    ensure!(poll_once(future.as_mut()).is_ready(), "the future is not ready");
    // The finished future has not been dropped yet.
    let span = case.span("span")?;
    if case.can(Capability::EndReasons) {
        ensure_eq!(span.end_reason.as_str(), "finished", "the end reason");
    }
    Ok(())
}

fn a_reference_does_not_end_with_its_future(case: &Case) -> Checked {
    let span = trace::start_span("span");
    ready(async { trace::start_span("child").finish() }.in_span(span.reference()))?;
    drop(pause().in_span(&*span));
    case.span("child")?;
    span.finish();
    let [span, child] = case.spans(["span", "child"])?;
    ensure_eq!(child.parent, Some(span.span_id), "the parent");
    Ok(())
}

fn a_future_may_be_polled_by_one_thread_after_another(case: &Case) -> Checked {
    const POLLS: usize = 8;
    let span = request(case, 1);
    let reference = span.reference();
    let work = async move {
        for _ in 1..POLLS {
            is_current(&reference, "in a poll")?;
            trace::start_span("child").finish();
            pause().await;
        }
        is_current(&reference, "in the last poll")
    };
    let mut future = Box::pin(work.in_span(span));
    for nth in 0..POLLS {
        let polled;
        (future, polled) = on_a_thread(move || {
            let polled = poll_once(future.as_mut());
            no_span_is_current("on its thread after a poll")?;
            Ok((future, polled))
        })?;
        match polled {
            Poll::Ready(checked) => checked?,
            Poll::Pending => ensure!(nth + 1 < POLLS, "the future never becomes ready"),
        }
        no_span_is_current("on this thread, after a poll on another thread")?;
    }
    if case.can(Capability::Recording) {
        let recorded = case.recorded();
        let parent = recorded.iter().find(|span| span.name == "request 1").map(|span| span.span_id);
        ensure!(parent.is_some(), "the span of the future is not recording");
        let children = recorded.iter().filter(|span| span.name == "child" && span.parent == parent);
        ensure_eq!(children.count(), POLLS - 1, "the number of children");
    }
    Ok(())
}

fn futures_in_futures_nest_their_spans(case: &Case) -> Checked {
    let [a, b, c] = [1, 2, 3].map(|number| request(case, number));
    let innermost = async {
        is_current(&c, "innermost")?;
        pause().await;
        is_current(&c, "innermost, later")
    };
    let inner = async {
        is_current(&b, "in the middle")?;
        innermost.in_span(c.reference()).await?;
        is_current(&b, "in the middle, later")?;
        pause().await;
        is_current(&b, "in the middle, at last")
    };
    let outer = async {
        is_current(&a, "outside")?;
        let mut inner = pin!(inner.in_span(b.reference()));
        // Polled by hand, like `select!` does.
        while poll_once(inner.as_mut()).is_pending() {
            is_current(&a, "outside, between the polls")?;
            pause().await;
        }
        is_current(&a, "outside, later")
    };
    let mut future = pin!(outer.in_span(a.reference()));
    for _ in 0..2 {
        ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
        no_span_is_current("between the polls")?;
    }
    ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the last poll");
    no_span_is_current("afterwards")
}

fn a_span_may_end_while_its_future_goes_on(case: &Case) -> Checked {
    let span = request(case, 1);
    let reference = span.reference();
    let work = async {
        is_current(&reference, "before the end")?;
        pause().await;
        is_current(&reference, "after the end")?;
        trace::set_tag("late", "said");
        let late = trace::start_span("late");
        ensure_eq!(late.trace_id(), reference.trace_id(), "the trace of a span started then");
        late.finish();
        Ok(())
    };
    let mut future = pin!(work.in_span(&*span));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    span.finish();
    ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the poll after the end");
    if case.can(Capability::Recording) {
        let [span, late] = case.spans(["request 1", "late"])?;
        ensure_eq!(late.parent, Some(span.span_id), "the parent of what starts then");
    }
    Ok(())
}

#[allow(clippy::await_holding_invalid_type, reason = "even discouraged use must be harmless")]
fn a_guard_held_across_an_await_stays_with_its_future(case: &Case) -> Checked {
    let (outer, inner) = (request(case, 1), request(case, 2));
    let work = async {
        let guard = inner.enter();
        is_current(&inner, "in the first poll")?;
        pause().await;
        is_current(&inner, "in the second poll")?;
        drop(guard);
        is_current(&outer, "after the guard")?;
        pause().await;
        is_current(&outer, "in the third poll")
    };
    let mut future = pin!(work.in_span(outer.reference()));
    for _ in 0..2 {
        ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
        no_span_is_current("between the polls")?;
    }
    ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the last poll");
    Ok(())
}

fn the_error_of_a_future_is_recorded_and_returned(case: &Case) -> Checked {
    let fails = async { Err::<(), _>("no such table") };
    ensure_eq!(ready(fails.try_in_span(trace::start_span("fails")))?, Err("no such table"), "the output");
    let works = async { Ok::<_, String>(7) };
    ensure_eq!(ready(works.try_in_span(trace::start_span("works")))?, Ok(7), "the output");
    if case.can(Capability::Recording) {
        let [fails, works] = case.spans(["fails", "works"])?;
        if case.can(Capability::Status) {
            let error = Some(RecordedStatus::Error("no such table".to_owned()));
            ensure_eq!((fails.status, works.status), (error, None), "the statuses");
        }
        if case.can(Capability::Events) {
            ensure_eq!((fails.events.len(), works.events.len()), (1, 0), "the number of events");
        }
    }
    Ok(())
}

fn the_output_of_a_future_is_inspected_before_its_span_ends(case: &Case) -> Checked {
    let work = async { "found".to_owned() };
    let seen = work.in_span_then(trace::start_span("span"), |span, output| {
        span.set_tag("output", output);
    });
    ensure_eq!(ready(seen)?, "found", "the output");
    let span = case.span("span")?;
    ensure!(has(&span, "output", "found"), "the tags are {:?}", span.tags);
    Ok(())
}
