//! Spans that are carried by hand: current in each run, and between them not.

use std::panic::{self, AssertUnwindSafe};

use anytrace_api::{self as trace, PolledSpan, Snapshot};

use crate::areas::{
    checks,
    current::{is_current, nothing_is_current, request},
    executor::on_a_thread,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    what_is_carried_is_current_in_its_runs_and_only_there [];
    what_starts_in_a_run_is_a_child_of_what_is_carried [Recording];
    what_is_carried_ends_when_it_is_told [Recording];
    what_is_run_after_the_end_has_no_span_to_write_to [];
    what_is_carried_and_dropped_was_cancelled [Recording];
    what_is_carried_through_a_panic_has_panicked [Recording];
    a_guard_that_is_kept_is_current_in_the_next_run [];
    an_outer_guard_may_go_in_a_run [];
    what_is_carried_may_run_on_any_thread [];
    a_snapshot_may_be_carried [];
}

fn what_is_carried_is_current_in_its_runs_and_only_there(case: &Case) -> Checked {
    let (outer, span) = (request(case, 1), request(case, 2));
    let reference = span.reference();
    let mut carried = span.into_polled();
    nothing_is_current("before the first run")?;
    for _ in 0..3 {
        carried.run(|| is_current(&reference, "in a run"))?;
        nothing_is_current("between two runs")?;
        outer.in_scope(|| {
            carried.run(|| is_current(&reference, "in a run in a scope"))?;
            is_current(&outer, "after a run in a scope")
        })?;
    }
    carried.finish();
    nothing_is_current("after the end")
}

fn what_starts_in_a_run_is_a_child_of_what_is_carried(case: &Case) -> Checked {
    let mut carried = trace::start_span("parent").into_polled();
    carried.run(|| trace::start_span("first").finish());
    trace::start_span("between").finish();
    carried.run(|| trace::start_span("second").run(|| trace::start_span("third").finish()));
    carried.finish();
    let names = ["parent", "first", "between", "second", "third"];
    let [parent, first, between, second, third] = case.spans(names)?;
    ensure_eq!((first.parent, second.parent), (Some(parent.span_id), Some(parent.span_id)), "the parents");
    ensure_eq!((between.parent, third.parent), (None, Some(second.span_id)), "the parents of the others");
    Ok(())
}

fn what_is_carried_ends_when_it_is_told(case: &Case) -> Checked {
    let mut carried = trace::start_span("span").into_polled();
    ensure!(carried.is_open(), "it has ended before it was told");
    carried.run(|| ());
    case.nothing()?;
    carried.end();
    ensure!(!carried.is_open(), "it has not ended");
    case.span("span")?;
    carried.end();
    drop(carried);
    let span = case.span("span")?;
    if case.can(Capability::Endings) {
        ensure_eq!(span.end_reason.as_str(), "finished", "how it ended");
    }
    Ok(())
}

fn what_is_run_after_the_end_has_no_span_to_write_to(case: &Case) -> Checked {
    let outer = request(case, 1);
    let mut carried = request(case, 2).into_polled();
    carried.end();
    carried.run(|| nothing_is_current("in a run after the end"))?;
    outer.in_scope(|| carried.run(|| is_current(&outer, "in a run after the end, in a scope")))
}

fn what_is_carried_and_dropped_was_cancelled(case: &Case) -> Checked {
    let mut carried = trace::start_span("span").into_polled();
    carried.run(|| ());
    drop(carried);
    drop(trace::start_span("never run").into_polled());
    for span in case.spans(["span", "never run"])? {
        if case.can(Capability::Endings) {
            ensure_eq!(span.end_reason.as_str(), "cancelled", "how {:?} ended", span.name);
        }
    }
    Ok(())
}

fn what_is_carried_through_a_panic_has_panicked(case: &Case) -> Checked {
    let mut carried = trace::start_span("span").into_polled();
    let work = || carried.run(|| panic::resume_unwind(Box::new("on purpose")));
    ensure!(panic::catch_unwind(AssertUnwindSafe(work)).is_err(), "the panic does not go on");
    nothing_is_current("after the panic")?;
    carried.run(|| trace::start_span("child").finish());
    drop(carried);
    let [span, child] = case.spans(["span", "child"])?;
    ensure_eq!(child.parent, Some(span.span_id), "the parent of what starts after the panic");
    if case.can(Capability::Endings) {
        ensure_eq!(span.end_reason.as_str(), "panicked", "how it ended");
    }
    Ok(())
}

fn a_guard_that_is_kept_is_current_in_the_next_run(case: &Case) -> Checked {
    let (span, inner) = (request(case, 1), request(case, 2));
    let reference = span.reference();
    let mut carried = span.into_polled();
    let guard = carried.run(|| inner.enter());
    nothing_is_current("after the run that kept a guard")?;
    carried.run(|| is_current(&inner, "in the next run"))?;
    nothing_is_current("after the next run")?;
    carried.run(|| {
        drop(guard);
        is_current(&reference, "when the guard has gone")
    })?;
    carried.run(|| is_current(&reference, "in the last run"))
}

fn an_outer_guard_may_go_in_a_run(case: &Case) -> Checked {
    let (outer, span) = (request(case, 1), request(case, 2));
    let reference = span.reference();
    let mut carried = span.into_polled();
    let guard = outer.enter();
    carried.run(|| {
        drop(guard);
        is_current(&reference, "when the outer guard has gone")
    })?;
    nothing_is_current("after that run")?;
    carried.run(|| is_current(&reference, "in the next run"))?;
    nothing_is_current("after the next run")
}

fn what_is_carried_may_run_on_any_thread(case: &Case) -> Checked {
    let span = request(case, 1);
    let reference = span.reference();
    let mut carried = span.into_polled();
    for _ in 0..4 {
        let reference = &reference;
        carried = on_a_thread(move || {
            carried.run(|| is_current(reference, "in a run on another thread"))?;
            nothing_is_current("after it, on that thread")?;
            Ok(carried)
        })?;
        carried.run(|| is_current(reference, "in a run here"))?;
        nothing_is_current("after it, here")?;
    }
    on_a_thread(move || {
        carried.finish();
        nothing_is_current("after the end")
    })
}

fn a_snapshot_may_be_carried(case: &Case) -> Checked {
    let (here, other) = (request(case, 1), request(case, 2));
    let mut carried = PolledSpan::from(here.in_scope(Snapshot::here));
    other.in_scope(|| {
        for _ in 0..2 {
            carried.run(|| is_current(&here, "in a run"))?;
            is_current(&other, "after a run")?;
        }
        ensure!(!carried.is_open(), "a snapshot has a span to end");
        Ok(())
    })
}
