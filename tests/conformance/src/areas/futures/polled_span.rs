//! `PolledSpan`: the span is current during each `run`, and not in between.

use std::panic::{self, AssertUnwindSafe};

use anytrace_api::{self as trace, PolledSpan, Snapshot};

use crate::areas::{
    checks,
    current::{is_current, no_span_is_current, request},
    executor::on_a_thread,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    a_polled_span_is_current_only_during_run [];
    spans_started_during_run_are_children_of_the_polled_span [Recording];
    a_polled_span_ends_only_when_asked [Recording];
    run_after_the_end_has_no_current_span [];
    a_dropped_polled_span_ends_as_cancelled [Recording];
    a_panic_during_run_marks_the_polled_span [Recording];
    a_guard_kept_between_runs_is_current_in_the_next_run [];
    an_outer_guard_may_be_dropped_during_run [];
    a_polled_span_may_run_on_any_thread [];
    a_snapshot_may_become_a_polled_span [];
}

fn a_polled_span_is_current_only_during_run(case: &Case) -> Checked {
    let (outer, span) = (request(case, 1), request(case, 2));
    let reference = span.reference();
    let mut carried = span.into_polled();
    no_span_is_current("before the first run")?;
    for _ in 0..3 {
        carried.run(|| is_current(&reference, "in a run"))?;
        no_span_is_current("between two runs")?;
        outer.in_scope(|| {
            carried.run(|| is_current(&reference, "in a run in a scope"))?;
            is_current(&outer, "after a run in a scope")
        })?;
    }
    carried.finish();
    no_span_is_current("after the end")
}

fn spans_started_during_run_are_children_of_the_polled_span(case: &Case) -> Checked {
    let mut carried = trace::start_span("parent").into_polled();
    carried.run(|| trace::start_span("first").finish());
    trace::start_span("between").finish();
    carried.run(|| trace::start_span("second").run(|| trace::start_span("third").finish()));
    carried.finish();
    let names = ["parent", "first", "between", "second", "third"];
    let [parent, first, between, second, third] = case.spans(names)?;
    ensure_eq!((first.parent, second.parent), (Some(parent.span_id), Some(parent.span_id)), "the parents");
    ensure_eq!(
        (between.parent, third.parent),
        (None, Some(second.span_id)),
        "the parents of the other spans"
    );
    Ok(())
}

fn a_polled_span_ends_only_when_asked(case: &Case) -> Checked {
    let mut carried = trace::start_span("span").into_polled();
    ensure!(carried.is_open(), "the span has ended too early");
    carried.run(|| ());
    case.no_spans()?;
    carried.end();
    ensure!(!carried.is_open(), "the span has not ended");
    case.span("span")?;
    carried.end();
    drop(carried);
    let span = case.span("span")?;
    if case.can(Capability::EndReasons) {
        ensure_eq!(span.end_reason.as_str(), "finished", "the end reason");
    }
    Ok(())
}

fn run_after_the_end_has_no_current_span(case: &Case) -> Checked {
    let outer = request(case, 1);
    let mut carried = request(case, 2).into_polled();
    carried.end();
    carried.run(|| no_span_is_current("in a run after the end"))?;
    outer.in_scope(|| carried.run(|| is_current(&outer, "in a run after the end, in a scope")))
}

fn a_dropped_polled_span_ends_as_cancelled(case: &Case) -> Checked {
    let mut carried = trace::start_span("span").into_polled();
    carried.run(|| ());
    drop(carried);
    drop(trace::start_span("never run").into_polled());
    for span in case.spans(["span", "never run"])? {
        if case.can(Capability::EndReasons) {
            ensure_eq!(span.end_reason.as_str(), "cancelled", "the end reason of {:?}", span.name);
        }
    }
    Ok(())
}

fn a_panic_during_run_marks_the_polled_span(case: &Case) -> Checked {
    let mut carried = trace::start_span("span").into_polled();
    let work = || carried.run(|| panic::resume_unwind(Box::new("on purpose")));
    ensure!(panic::catch_unwind(AssertUnwindSafe(work)).is_err(), "the panic does not propagate");
    no_span_is_current("after the panic")?;
    carried.run(|| trace::start_span("child").finish());
    drop(carried);
    let [span, child] = case.spans(["span", "child"])?;
    ensure_eq!(child.parent, Some(span.span_id), "the parent of a span started after the panic");
    if case.can(Capability::EndReasons) {
        ensure_eq!(span.end_reason.as_str(), "panicked", "the end reason");
    }
    Ok(())
}

fn a_guard_kept_between_runs_is_current_in_the_next_run(case: &Case) -> Checked {
    let (span, inner) = (request(case, 1), request(case, 2));
    let reference = span.reference();
    let mut carried = span.into_polled();
    let guard = carried.run(|| inner.enter());
    no_span_is_current("after the run that kept a guard")?;
    carried.run(|| is_current(&inner, "in the next run"))?;
    no_span_is_current("after the next run")?;
    carried.run(|| {
        drop(guard);
        is_current(&reference, "after dropping the guard")
    })?;
    carried.run(|| is_current(&reference, "in the last run"))
}

fn an_outer_guard_may_be_dropped_during_run(case: &Case) -> Checked {
    let (outer, span) = (request(case, 1), request(case, 2));
    let reference = span.reference();
    let mut carried = span.into_polled();
    let guard = outer.enter();
    carried.run(|| {
        drop(guard);
        is_current(&reference, "after dropping the outer guard")
    })?;
    no_span_is_current("after that run")?;
    carried.run(|| is_current(&reference, "in the next run"))?;
    no_span_is_current("after the next run")
}

fn a_polled_span_may_run_on_any_thread(case: &Case) -> Checked {
    let span = request(case, 1);
    let reference = span.reference();
    let mut carried = span.into_polled();
    for _ in 0..4 {
        let reference = &reference;
        carried = on_a_thread(move || {
            carried.run(|| is_current(reference, "in a run on another thread"))?;
            no_span_is_current("after the run, on that thread")?;
            Ok(carried)
        })?;
        carried.run(|| is_current(reference, "in a run on this thread"))?;
        no_span_is_current("after the run, on this thread")?;
    }
    on_a_thread(move || {
        carried.finish();
        no_span_is_current("after the end")
    })
}

fn a_snapshot_may_become_a_polled_span(case: &Case) -> Checked {
    let (here, other) = (request(case, 1), request(case, 2));
    let mut carried = PolledSpan::from(here.in_scope(Snapshot::here));
    other.in_scope(|| {
        for _ in 0..2 {
            carried.run(|| is_current(&here, "in a run"))?;
            is_current(&other, "after a run")?;
        }
        ensure!(!carried.is_open(), "a snapshot has a span that can be ended");
        Ok(())
    })
}
