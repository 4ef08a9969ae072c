//! Ends that nobody wished for: panics and futures that are dropped.

use std::{
    future::{pending, poll_fn},
    panic::{self, AssertUnwindSafe},
    pin::pin,
    sync::mpsc,
};

use anytrace_api::{self as trace, FutureExt, StartedSpan, TraceId, current_span};

use crate::areas::{
    checks,
    current::{is_current, nothing_is_current, request},
    executor::{pause, poll_once, ready},
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    a_panic_in_a_closure_goes_on_and_outer_spans_are_current_again [];
    a_panic_in_a_future_goes_on_and_outer_spans_are_current_again [];
    a_panic_ends_the_spans_that_it_goes_through [Recording];
    a_panic_of_a_future_ends_its_span [Recording];
    a_panic_that_is_caught_inside_does_not_mark_the_span [Recording, Endings];
    what_starts_while_a_panic_goes_on_has_not_panicked [Recording, Endings];
    a_future_that_is_dropped_ends_its_span_as_cancelled [Recording];
    a_future_that_is_never_polled_ends_its_span [Recording];
    a_cancelled_future_cancels_those_within [Recording];
    a_cancelled_future_leaves_what_is_current_alone [];
    what_a_future_owns_is_dropped_in_its_span [];
}

/// Without a message on the terminal.
fn panics() {
    panic::resume_unwind(Box::new("on purpose"));
}

fn caught(work: impl FnOnce()) -> Checked {
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(()) => Err("the panic does not go on".to_owned()),
        Err(panic) => {
            ensure_eq!(panic.downcast_ref(), Some(&"on purpose"), "what the panic says");
            Ok(())
        }
    }
}

fn a_panic_in_a_closure_goes_on_and_outer_spans_are_current_again(case: &Case) -> Checked {
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
        is_current(&outer, "after closures in closures")
    })?;
    caught(|| outer.run(panics))?;
    nothing_is_current("after all of them")
}

fn a_panic_in_a_future_goes_on_and_outer_spans_are_current_again(case: &Case) -> Checked {
    let outer = request(case, 1);
    let work = async {
        pause().await;
        async { panics() }.in_span(request(case, 3)).await;
    };
    let mut future = pin!(work.in_span(request(case, 2)));
    outer.in_scope(|| {
        ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
        caught(|| {
            let _ = poll_once(future.as_mut());
        })?;
        is_current(&outer, "after the panic")
    })?;
    nothing_is_current("after the outer scope")
}

/// How spans ended, where it is recorded.
fn ended<const N: usize>(case: &Case, names: [&str; N], how: &str) -> Checked {
    for span in case.spans(names)? {
        if case.can(Capability::Endings) {
            ensure_eq!(span.end_reason.as_str(), how, "how {:?} ended", span.name);
        }
    }
    Ok(())
}

fn a_panic_ends_the_spans_that_it_goes_through(case: &Case) -> Checked {
    caught(|| {
        trace::start_span("run").run(|| {
            let _entered = trace::start_span("entered").entered();
            let _owned = trace::start_span("owned");
            panics();
        });
    })?;
    nothing_is_current("afterwards")?;
    ended(case, ["run", "entered", "owned"], "panicked")
}

fn a_panic_of_a_future_ends_its_span(case: &Case) -> Checked {
    let inner = async {
        pause().await;
        panics();
    };
    let outer = async { inner.in_span(trace::start_span("inner")).await };
    let mut future = Box::pin(outer.in_span(trace::start_span("outer")));
    ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
    caught(|| {
        let _ = poll_once(future.as_mut());
    })?;
    // When nothing unwinds any more.
    drop(future);
    ended(case, ["inner", "outer"], "panicked")
}

fn a_panic_that_is_caught_inside_does_not_mark_the_span(case: &Case) -> Checked {
    trace::start_span("span").run(|| caught(panics))?;
    let future = async { caught(panics) };
    ready(future.in_span(trace::start_span("future")))??;
    ended(case, ["span", "future"], "finished")
}

fn what_starts_while_a_panic_goes_on_has_not_panicked(case: &Case) -> Checked {
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
    ended(case, ["run", "finished"], "finished")?;
    caught(|| {
        let _drops = Drops;
        panics();
    })?;
    let [.., dropped] = case.spans(["run", "finished", "dropped"])?;
    ensure_eq!(dropped.end_reason.as_str(), "dropped", "how the owner that was dropped ended");
    Ok(())
}

fn a_future_that_is_dropped_ends_its_span_as_cancelled(case: &Case) -> Checked {
    let mut future = Box::pin(pending::<()>().in_span(trace::start_span("span")));
    ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
    case.nothing()?;
    drop(future);
    ended(case, ["span"], "cancelled")
}

fn a_future_that_is_never_polled_ends_its_span(case: &Case) -> Checked {
    let (tells, told) = mpsc::channel();
    let work = async move { tells.send(()) };
    let future = work.in_span(trace::start_span("span"));
    case.nothing()?;
    drop(future);
    ensure!(told.try_recv().is_err(), "it has run");
    ended(case, ["span"], "cancelled")
}

fn a_cancelled_future_cancels_those_within(case: &Case) -> Checked {
    let work = async {
        let innermost = pending::<()>().in_span(trace::start_span("innermost"));
        innermost.in_span(trace::start_span("inner")).await;
    };
    let mut future = Box::pin(work.in_span(trace::start_span("outer")));
    ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
    drop(future);
    ended(case, ["innermost", "inner", "outer"], "cancelled")?;
    let [innermost, inner, outer] = case.spans(["innermost", "inner", "outer"])?;
    ensure_eq!((inner.parent, innermost.parent), (Some(outer.span_id), Some(outer.span_id)), "the parents");
    Ok(())
}

#[allow(clippy::await_holding_invalid_type, reason = "what is advised against has to be harmless")]
fn a_cancelled_future_leaves_what_is_current_alone(case: &Case) -> Checked {
    let outer = request(case, 1);
    let kept = request(case, 3);
    let work = async {
        let _guard = kept.enter();
        pending::<()>().await;
    };
    let mut future = Box::pin(work.in_span(request(case, 2)));
    ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
    outer.in_scope(|| {
        drop(future);
        is_current(&outer, "after a future was dropped")
    })?;
    nothing_is_current("afterwards")
}

/// Says in which trace it is dropped.
struct Dropped(mpsc::Sender<Option<TraceId>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(current_span().trace_id());
    }
}

fn what_a_future_owns_is_dropped_in_its_span(case: &Case) -> Checked {
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
    ensure!(poll_once(ends.as_mut()).is_ready(), "it is not over");
    ensure_eq!(dropped.try_recv(), Ok(request(case, 1).trace_id()), "where it is dropped at the end");
    let mut cancelled = owner(request(case, 2), 2);
    ensure!(poll_once(cancelled.as_mut()).is_pending(), "it is over");
    drop(cancelled);
    ensure_eq!(dropped.try_recv(), Ok(request(case, 2).trace_id()), "where it is dropped before its end");
    drop(owner(request(case, 3), 1));
    ensure_eq!(dropped.try_recv(), Ok(request(case, 3).trace_id()), "where it is dropped unpolled");
    nothing_is_current("afterwards")
}
