//! Panics and dropped futures.

use std::{
    future::{pending, poll_fn},
    panic::{self, AssertUnwindSafe},
    pin::pin,
    sync::mpsc,
};

use anytrace_api::{self as trace, FutureExt, StartedSpan, TraceId, current_span};

use crate::areas::{
    checks,
    current::{is_current, no_span_is_current, request},
    executor::{pause, poll_once, ready},
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    a_panic_in_a_closure_propagates_and_restores_the_outer_span [];
    a_panic_in_a_future_propagates_and_restores_the_outer_span [];
    a_panic_ends_the_spans_it_unwinds_through [Recording];
    a_panic_in_a_future_ends_its_span [Recording];
    a_panic_caught_inside_a_span_does_not_mark_it [Recording, EndReasons];
    a_span_started_while_unwinding_is_not_marked_as_panicked [Recording, EndReasons];
    a_dropped_future_ends_its_span_as_cancelled [Recording];
    a_future_dropped_before_its_first_poll_ends_its_span [Recording];
    a_cancelled_future_cancels_inner_futures [Recording];
    a_cancelled_future_does_not_change_the_current_span [];
    values_owned_by_a_future_are_dropped_in_its_span [];
}

/// Panics without printing a message.
fn panics() {
    panic::resume_unwind(Box::new("on purpose"));
}

fn caught(work: impl FnOnce()) -> Checked {
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(()) => Err("the panic does not propagate".to_owned()),
        Err(panic) => {
            ensure_eq!(panic.downcast_ref(), Some(&"on purpose"), "the payload of the panic");
            Ok(())
        }
    }
}

fn a_panic_in_a_closure_propagates_and_restores_the_outer_span(case: &Case) -> Checked {
    let outer = request(case, 1);
    outer.in_scope(|| {
        caught(|| request(case, 2).run(panics))?;
        is_current(&outer, "after run")?;
        caught(|| request(case, 2).in_scope(panics))?;
        is_current(&outer, "after in_scope")?;
        caught(|| {
            let _scope = request(case, 2).entered();
            panics();
        })?;
        is_current(&outer, "after a scope")?;
        caught(|| request(case, 2).in_scope(|| request(case, 3).run(panics)))?;
        is_current(&outer, "after nested closures")
    })?;
    caught(|| outer.run(panics))?;
    no_span_is_current("after all of them")
}

fn a_panic_in_a_future_propagates_and_restores_the_outer_span(case: &Case) -> Checked {
    let outer = request(case, 1);
    let work = async {
        pause().await;
        async { panics() }.in_span(request(case, 3)).await;
    };
    let mut future = pin!(work.in_span(request(case, 2)));
    outer.in_scope(|| {
        ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
        caught(|| {
            let _ = poll_once(future.as_mut());
        })?;
        is_current(&outer, "after the panic")
    })?;
    no_span_is_current("after the outer scope")
}

/// Checks the end reason of spans, if the backend records it.
fn ensure_ended_as<const N: usize>(case: &Case, names: [&str; N], how: &str) -> Checked {
    for span in case.spans(names)? {
        if case.can(Capability::EndReasons) {
            ensure_eq!(span.end_reason.as_str(), how, "the end reason of {:?}", span.name);
        }
    }
    Ok(())
}

fn a_panic_ends_the_spans_it_unwinds_through(case: &Case) -> Checked {
    caught(|| {
        trace::start_span("run").run(|| {
            let _entered = trace::start_span("entered").entered();
            let _owned = trace::start_span("owned");
            panics();
        });
    })?;
    no_span_is_current("afterwards")?;
    ensure_ended_as(case, ["run", "entered", "owned"], "panicked")
}

fn a_panic_in_a_future_ends_its_span(case: &Case) -> Checked {
    let inner = async {
        pause().await;
        panics();
    };
    let outer = async { inner.in_span(trace::start_span("inner")).await };
    let mut future = Box::pin(outer.in_span(trace::start_span("outer")));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    caught(|| {
        let _ = poll_once(future.as_mut());
    })?;
    // The future is dropped after the unwinding, and its span still counts as panicked.
    drop(future);
    ensure_ended_as(case, ["inner", "outer"], "panicked")
}

fn a_panic_caught_inside_a_span_does_not_mark_it(case: &Case) -> Checked {
    trace::start_span("span").run(|| caught(panics))?;
    let future = async { caught(panics) };
    ready(future.in_span(trace::start_span("future")))??;
    ensure_ended_as(case, ["span", "future"], "finished")
}

fn a_span_started_while_unwinding_is_not_marked_as_panicked(case: &Case) -> Checked {
    struct CleansUp;
    impl Drop for CleansUp {
        fn drop(&mut self) {
            trace::start_span("run").run(|| ());
            trace::start_span("finished").finish();
        }
    }
    struct Drops;
    impl Drop for Drops {
        fn drop(&mut self) {
            drop(trace::start_span("dropped"));
        }
    }
    caught(|| {
        let _cleans_up = CleansUp;
        panics();
    })?;
    ensure_ended_as(case, ["run", "finished"], "finished")?;
    caught(|| {
        let _drops = Drops;
        panics();
    })?;
    let [.., dropped] = case.spans(["run", "finished", "dropped"])?;
    ensure_eq!(dropped.end_reason.as_str(), "dropped", "the end reason of the dropped span");
    Ok(())
}

fn a_dropped_future_ends_its_span_as_cancelled(case: &Case) -> Checked {
    let mut future = Box::pin(pending::<()>().in_span(trace::start_span("span")));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    case.no_spans()?;
    drop(future);
    ensure_ended_as(case, ["span"], "cancelled")
}

fn a_future_dropped_before_its_first_poll_ends_its_span(case: &Case) -> Checked {
    let (sender, receiver) = mpsc::channel();
    let work = async move { sender.send(()) };
    let future = work.in_span(trace::start_span("span"));
    case.no_spans()?;
    drop(future);
    ensure!(receiver.try_recv().is_err(), "the future has run");
    ensure_ended_as(case, ["span"], "cancelled")
}

fn a_cancelled_future_cancels_inner_futures(case: &Case) -> Checked {
    let work = async {
        let innermost = pending::<()>().in_span(trace::start_span("innermost"));
        innermost.in_span(trace::start_span("inner")).await;
    };
    let mut future = Box::pin(work.in_span(trace::start_span("outer")));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    drop(future);
    ensure_ended_as(case, ["innermost", "inner", "outer"], "cancelled")?;
    let [innermost, inner, outer] = case.spans(["innermost", "inner", "outer"])?;
    ensure_eq!((inner.parent, innermost.parent), (Some(outer.span_id), Some(outer.span_id)), "the parents");
    Ok(())
}

#[allow(clippy::await_holding_invalid_type, reason = "even discouraged use must be harmless")]
fn a_cancelled_future_does_not_change_the_current_span(case: &Case) -> Checked {
    let outer = request(case, 1);
    let other = request(case, 3);
    let work = async {
        let _guard = other.enter();
        pending::<()>().await;
    };
    let mut future = Box::pin(work.in_span(request(case, 2)));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    outer.in_scope(|| {
        drop(future);
        is_current(&outer, "after a future was dropped")
    })?;
    no_span_is_current("afterwards")
}

/// Reports the current trace id when dropped.
struct Dropped(mpsc::Sender<Option<TraceId>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(current_span().trace_id());
    }
}

fn values_owned_by_a_future_are_dropped_in_its_span(case: &Case) -> Checked {
    let (sender, dropped) = mpsc::channel();
    let owner = |span: StartedSpan, polls: usize| {
        let owned = Dropped(sender.clone());
        let mut left = polls;
        let work = poll_fn(move |_| {
            let _ = &owned;
            left -= 1;
            if left == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        });
        Box::pin(work.in_span(span))
    };
    let mut ends = owner(request(case, 1), 1);
    ensure!(poll_once(ends.as_mut()).is_ready(), "the future is not ready");
    ensure_eq!(
        dropped.try_recv(),
        Ok(request(case, 1).trace_id()),
        "the current trace when a finished future drops its values"
    );
    let mut cancelled = owner(request(case, 2), 2);
    ensure!(poll_once(cancelled.as_mut()).is_pending(), "the future is ready too early");
    drop(cancelled);
    ensure_eq!(
        dropped.try_recv(),
        Ok(request(case, 2).trace_id()),
        "the current trace when a pending future drops its values"
    );
    drop(owner(request(case, 3), 1));
    ensure_eq!(
        dropped.try_recv(),
        Ok(request(case, 3).trace_id()),
        "the current trace when an unpolled future drops its values"
    );
    no_span_is_current("afterwards")
}
