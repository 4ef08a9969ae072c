//! Snapshots and `carry`: the current span on other threads.

use std::sync::mpsc;

use anytrace_api::{self as trace, Snapshot, carry, suppression::suppressed};

use crate::areas::{
    checks,
    current::{is_current, no_span_is_current, request},
    executor::{joined, on_a_thread, on_threads},
    other_tracer::OtherTracer,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    another_thread_has_no_current_span [];
    each_thread_has_its_own_current_span [];
    one_span_may_be_current_on_many_threads [];
    carry_makes_the_span_current_on_another_thread [];
    spans_in_a_carried_closure_are_children_of_the_carried_span [Recording];
    a_snapshot_restores_the_previous_current_span [];
    a_snapshot_can_be_run_many_times_on_many_threads [Recording];
    a_snapshot_outlives_the_scope_and_its_span [];
    a_snapshot_captures_the_scoped_tracer [];
    a_snapshot_captures_suppression [];
}

fn another_thread_has_no_current_span(case: &Case) -> Checked {
    let span = request(case, 1);
    span.in_scope(|| {
        on_a_thread(|| no_span_is_current("on another thread"))?;
        is_current(&span, "on this thread")
    })
}

fn each_thread_has_its_own_current_span(case: &Case) -> Checked {
    let (here, there) = (request(case, 1), request(case, 2));
    let ((entered, is_entered), (checked, is_checked)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
    let (here, there) = (&here, &there);
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || -> Checked {
            let guard = there.enter();
            let _ = entered.send(());
            let _ = is_checked.recv();
            is_current(there, "on the other thread, while this thread has another current span")?;
            drop(guard);
            no_span_is_current("on the other thread, after its scope")
        });
        let _ = is_entered.recv();
        no_span_is_current("on this thread, while the other thread has a current span")?;
        here.in_scope(|| {
            is_current(here, "on this thread, while the other thread has a current span")?;
            drop(checked);
            joined(thread)?;
            is_current(here, "on this thread, after the other thread's scope")
        })
    })
}

fn one_span_may_be_current_on_many_threads(case: &Case) -> Checked {
    let span = request(case, 1);
    let scope = span.enter();
    on_threads(4, |_| {
        span.in_scope(|| is_current(&span, "there"))?;
        no_span_is_current("on the other thread, after its scope")
    })?;
    is_current(&span, "on this thread, after the other threads' scopes")?;
    drop(scope);
    no_span_is_current("on this thread, after its scope")
}

fn carry_makes_the_span_current_on_another_thread(case: &Case) -> Checked {
    let span = request(case, 1);
    let work = span.in_scope(|| {
        carry(|| {
            is_current(&span, "in the carried closure")?;
            ensure_eq!(
                trace::start_span("child").trace_id(),
                span.trace_id(),
                "the trace of a span started there"
            );
            Ok::<_, String>(())
        })
    });
    on_a_thread(move || {
        no_span_is_current("before")?;
        work()?;
        no_span_is_current("afterwards")
    })?;
    no_span_is_current("where the closure was made")
}

fn spans_in_a_carried_closure_are_children_of_the_carried_span(case: &Case) -> Checked {
    trace::start_span("parent").run(|| {
        on_a_thread(carry(|| {
            trace::start_span("child").run(|| trace::start_span("grandchild").finish());
            Ok(())
        }))
    })?;
    let [parent, child, grandchild] = case.spans(["parent", "child", "grandchild"])?;
    ensure_eq!(child.parent, Some(parent.span_id), "the parent of the child");
    ensure_eq!(grandchild.parent, Some(child.span_id), "the parent of the grandchild");
    Ok(())
}

fn a_snapshot_restores_the_previous_current_span(case: &Case) -> Checked {
    let (taken, own) = (request(case, 1), request(case, 2));
    let snapshot = taken.in_scope(Snapshot::here);
    let work = || {
        own.in_scope(|| {
            snapshot.run(|| is_current(&taken, "in Snapshot::run"))?;
            is_current(&own, "after Snapshot::run")
        })
    };
    work()?;
    on_a_thread(work)
}

fn a_snapshot_can_be_run_many_times_on_many_threads(case: &Case) -> Checked {
    let here = trace::start_span("parent").run(Snapshot::here);
    on_threads(4, |_| {
        for _ in 0..5 {
            here.clone().run(|| trace::start_span("child").finish());
        }
        Ok(())
    })?;
    let recorded = case.recorded();
    let parent = recorded.iter().find(|span| span.name == "parent").map(|span| span.span_id);
    let children = recorded.iter().filter(|span| span.name == "child" && span.parent == parent);
    ensure_eq!(
        (recorded.len(), children.count()),
        (21, 20),
        "the number of spans and of children of the parent"
    );
    Ok(())
}

fn a_snapshot_outlives_the_scope_and_its_span(case: &Case) -> Checked {
    let span = request(case, 1);
    let (reference, snapshot) = (span.reference(), span.run(Snapshot::here));
    snapshot.run(|| {
        is_current(&reference, "after the end of the span")?;
        ensure_eq!(
            trace::start_span("late").trace_id(),
            reference.trace_id(),
            "the trace of a span started then"
        );
        Ok(())
    })
}

fn a_snapshot_captures_the_scoped_tracer(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    let other_span = trace::with_tracer(&other_tracer.handle(), Snapshot::here);
    let this_span = Snapshot::here();
    on_a_thread(move || {
        other_span.run(|| trace::start_span("other_span").finish());
        this_span.run(|| trace::start_span("this_span").finish());
        Ok(())
    })?;
    ensure_eq!(other_tracer.started(), ["other_span"], "the spans of the scoped tracer");
    if case.can(Capability::Recording) {
        case.span("this_span")?;
    }
    Ok(())
}

fn a_snapshot_captures_suppression(case: &Case) -> Checked {
    let span = request(case, 1);
    let snapshot = span.in_scope(|| suppressed(Snapshot::here));
    let (tracer, records) = (case.tracer(), case.can(Capability::Recording));
    on_a_thread(|| {
        snapshot.run(|| {
            is_current(&span, "in a snapshot taken while suppressed")?;
            let started = [trace::start_span("suppressed"), tracer.start_trace("suppressed")];
            ensure!(started.iter().all(|span| !span.is_recording()), "a span is recording while suppressed");
            let other_tracer = OtherTracer::default();
            drop(other_tracer.handle().start_trace("other_span"));
            ensure!(other_tracer.started().is_empty(), "another tracer is called while suppressed");
            Ok(())
        })?;
        ensure_eq!(tracer.start_trace("recorded").is_recording(), records, "is_recording after suppression");
        Ok(())
    })
}
