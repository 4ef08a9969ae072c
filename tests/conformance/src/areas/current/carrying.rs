//! What is taken to other threads, and what is not.

use std::sync::mpsc;

use anytrace_api::{self as trace, Snapshot, carry, suppression::suppressed};

use crate::areas::{
    checks,
    current::{is_current, nothing_is_current, request},
    executor::{joined, on_a_thread, on_threads},
    neighbour::Neighbour,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    another_thread_has_nothing_current [];
    each_thread_has_its_own_current_span [];
    one_span_may_be_current_on_many_threads [];
    what_is_current_is_carried_to_a_thread [];
    what_is_carried_is_a_parent_there [Recording];
    a_snapshot_gives_back_what_was_current_there [];
    a_snapshot_serves_many_threads_many_times [Recording];
    a_snapshot_outlives_the_scope_and_its_span [];
    a_snapshot_takes_the_scoped_tracer_along [];
    a_snapshot_takes_silence_along [];
}

fn another_thread_has_nothing_current(case: &Case) -> Checked {
    let span = request(case, 1);
    span.in_scope(|| {
        on_a_thread(|| nothing_is_current("on another thread"))?;
        is_current(&span, "here")
    })
}

fn each_thread_has_its_own_current_span(case: &Case) -> Checked {
    let (here, there) = (request(case, 1), request(case, 2));
    let ((tells, told), (asks, asked)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
    let (here, there) = (&here, &there);
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || -> Checked {
            let guard = there.enter();
            let _ = tells.send(());
            let _ = asked.recv();
            is_current(there, "there, while another is here")?;
            drop(guard);
            nothing_is_current("there, after its scope")
        });
        let _ = told.recv();
        nothing_is_current("here, while another is there")?;
        here.in_scope(|| {
            is_current(here, "here, while another is there")?;
            drop(asks);
            joined(thread)?;
            is_current(here, "here, after the other's scope")
        })
    })
}

fn one_span_may_be_current_on_many_threads(case: &Case) -> Checked {
    let span = request(case, 1);
    let scope = span.enter();
    on_threads(4, |_| {
        span.in_scope(|| is_current(&span, "there"))?;
        nothing_is_current("there, after its scope")
    })?;
    is_current(&span, "here, after the others' scopes")?;
    drop(scope);
    nothing_is_current("here, after its scope")
}

fn what_is_current_is_carried_to_a_thread(case: &Case) -> Checked {
    let span = request(case, 1);
    let work = span.in_scope(|| {
        carry(|| {
            is_current(&span, "where it is carried")?;
            ensure_eq!(
                trace::start_span("child").trace_id(),
                span.trace_id(),
                "the trace of what starts there"
            );
            Ok::<_, String>(())
        })
    });
    on_a_thread(move || {
        nothing_is_current("before")?;
        work()?;
        nothing_is_current("afterwards")
    })?;
    nothing_is_current("where it was made")
}

fn what_is_carried_is_a_parent_there(case: &Case) -> Checked {
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

fn a_snapshot_gives_back_what_was_current_there(case: &Case) -> Checked {
    let (taken, own) = (request(case, 1), request(case, 2));
    let snapshot = taken.in_scope(Snapshot::here);
    let work = || {
        own.in_scope(|| {
            snapshot.run(|| is_current(&taken, "in the snapshot"))?;
            is_current(&own, "after the snapshot")
        })
    };
    work()?;
    on_a_thread(work)
}

fn a_snapshot_serves_many_threads_many_times(case: &Case) -> Checked {
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
    ensure_eq!((recorded.len(), children.count()), (21, 20), "how many spans and children of the parent");
    Ok(())
}

fn a_snapshot_outlives_the_scope_and_its_span(case: &Case) -> Checked {
    let span = request(case, 1);
    let (reference, snapshot) = (span.reference(), span.run(Snapshot::here));
    snapshot.run(|| {
        is_current(&reference, "after its end")?;
        ensure_eq!(
            trace::start_span("late").trace_id(),
            reference.trace_id(),
            "the trace of what starts then"
        );
        Ok(())
    })
}

fn a_snapshot_takes_the_scoped_tracer_along(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    let theirs = trace::with_tracer(&neighbour.handle(), Snapshot::here);
    let ours = Snapshot::here();
    on_a_thread(move || {
        theirs.run(|| trace::start_span("theirs").finish());
        ours.run(|| trace::start_span("ours").finish());
        Ok(())
    })?;
    ensure_eq!(neighbour.started(), ["theirs"], "what the scoped tracer started");
    if case.can(Capability::Recording) {
        case.span("ours")?;
    }
    Ok(())
}

fn a_snapshot_takes_silence_along(case: &Case) -> Checked {
    let span = request(case, 1);
    let silent = span.in_scope(|| suppressed(Snapshot::here));
    let (tracer, records) = (case.tracer(), case.can(Capability::Recording));
    on_a_thread(|| {
        silent.run(|| {
            is_current(&span, "in a snapshot of silence")?;
            let started = [trace::start_span("silent"), tracer.start_trace("silent")];
            ensure!(started.iter().all(|span| !span.is_recording()), "a span is recorded in silence");
            let neighbour = Neighbour::default();
            drop(neighbour.handle().start_trace("theirs"));
            ensure!(neighbour.started().is_empty(), "another tracer is asked in silence");
            Ok(())
        })?;
        ensure_eq!(tracer.start_trace("heard").is_recording(), records, "what is recorded after silence");
        Ok(())
    })
}
