//! Several threads: their spans stay separate.

use std::{cell::RefCell, collections::HashSet, sync::mpsc, thread};

use anytrace_api::{self as trace, Operation, SpanRef, SpanScope, StartedSpan, TraceContext, current_span};

use crate::areas::{
    checks,
    current::{caller_number, has, is_current, no_span_is_current, request},
    executor::{on_a_thread, on_threads},
    other_tracer::OtherTracer,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Threads:
    traces_of_many_threads_are_all_recorded [Recording];
    threads_keep_the_traces_of_their_callers_separate [];
    many_threads_may_write_to_one_span [Recording, Tags];
    a_span_may_end_on_another_thread_than_it_started_on [Recording];
    a_span_may_move_from_thread_to_thread_and_be_current_on_each [];
    one_parent_may_have_children_on_many_threads [Recording];
    a_context_sent_to_another_thread_can_be_joined_there [];
    scoped_tracers_of_threads_are_independent [];
    references_outlive_their_thread [];
    a_span_may_end_while_other_threads_write_to_it [Recording];
    updates_of_a_joined_thread_are_recorded [Recording, Tags];
    spans_that_end_with_their_thread_are_harmless [];
}

const THREADS: usize = 8;

fn traces_of_many_threads_are_all_recorded(case: &Case) -> Checked {
    const TRACES: usize = 25;
    let tracer = case.tracer();
    on_threads(THREADS, |number| {
        for nth in 0..TRACES {
            let root = tracer.start_trace(&format!("root {number} {nth}"));
            let child = root.start_child(&format!("child {number} {nth}"));
            child.start_child(&format!("leaf {number} {nth}")).finish();
            child.finish();
            root.finish();
        }
        Ok(())
    })?;
    let recorded = case.recorded();
    ensure_eq!(recorded.len(), THREADS * TRACES * 3, "the number of recorded spans");
    let spans: HashSet<_> = recorded.iter().map(|span| span.span_id).collect();
    let roots: HashSet<_> = recorded.iter().map(|span| span.trace_id).collect();
    ensure_eq!((spans.len(), roots.len()), (recorded.len(), THREADS * TRACES), "the number of ids");
    let find = |name: String| {
        let missing = format!("{name:?} is not recorded");
        recorded.iter().find(|span| span.name == name).ok_or(missing)
    };
    for (number, nth) in (0..THREADS).flat_map(|number| (0..TRACES).map(move |nth| (number, nth))) {
        let [root, child, leaf] =
            ["root", "child", "leaf"].map(|name| find(format!("{name} {number} {nth}")));
        let (root, child, leaf) = (root?, child?, leaf?);
        let parents = (root.parent, child.parent, leaf.parent);
        ensure_eq!(parents, (None, Some(root.span_id), Some(child.span_id)), "the parents of {number} {nth}");
        ensure_eq!(
            (child.trace_id, leaf.trace_id),
            (root.trace_id, root.trace_id),
            "the trace of {number} {nth}"
        );
    }
    Ok(())
}

fn threads_keep_the_traces_of_their_callers_separate(case: &Case) -> Checked {
    let tracer = case.tracer();
    on_threads(THREADS, |number| {
        for step in 0..25 {
            let caller = caller_number((number * 25 + step + 1) as u64);
            let span = tracer.join_trace("request", &caller);
            ensure_eq!(span.trace_id(), caller.trace_id(), "the trace");
            span.in_scope(|| {
                is_current(&span, "on its thread")?;
                trace::start_span("child").run(|| {
                    ensure_eq!(current_span().trace_id(), caller.trace_id(), "the trace of a child");
                    Ok(())
                })
            })?;
            no_span_is_current("after a request")?;
        }
        Ok(())
    })?;
    if case.can(Capability::Recording) {
        ensure_eq!(case.recorded().len(), THREADS * 25 * 2, "the number of recorded spans");
    }
    Ok(())
}

fn many_threads_may_write_to_one_span(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let key = |number, nth| format!("key.{number}.{nth}");
    on_threads(THREADS, |number| {
        for nth in 0..6 {
            span.set_tag(&key(number, nth), "value");
        }
        Ok(())
    })?;
    span.finish();
    let span = case.span("span")?;
    for (number, nth) in (0..THREADS).flat_map(|number| (0..6).map(move |nth| (number, nth))) {
        ensure!(has(&span, &key(number, nth), "value"), "{} is missing or recorded twice", key(number, nth));
    }
    Ok(())
}

fn a_span_may_end_on_another_thread_than_it_started_on(case: &Case) -> Checked {
    let finished = case.tracer().start_trace("finished");
    let child = finished.start_child("dropped");
    on_a_thread(move || {
        drop(child);
        finished.finish();
        Ok(())
    })?;
    let [finished, dropped] = case.spans(["finished", "dropped"])?;
    ensure_eq!(dropped.parent, Some(finished.span_id), "the parent");
    let tracer = case.tracer();
    let started = on_a_thread(|| Ok(tracer.start_trace("started there")))?;
    ensure_eq!(case.recorded().len(), 2, "the number of recorded spans before the end");
    started.finish();
    case.spans(["finished", "dropped", "started there"]).map(|_| ())
}

fn a_span_may_move_from_thread_to_thread_and_be_current_on_each(case: &Case) -> Checked {
    let mut span = request(case, 1);
    for _ in 0..THREADS {
        span = on_a_thread(move || {
            let scope = span.entered();
            is_current(&scope, "on the thread that received the span")?;
            let span = scope.leave();
            no_span_is_current("after the span left its scope")?;
            Ok(span)
        })?;
    }
    ensure_eq!(span.trace_id(), caller_number(1).trace_id(), "the trace");
    span.finish();
    if case.can(Capability::Recording) {
        case.span("request 1")?;
    }
    Ok(())
}

fn one_parent_may_have_children_on_many_threads(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    let (id, trace) = (parent.span_id(), parent.trace_id());
    on_threads(THREADS, |number| {
        for nth in 0..10 {
            parent.start_child(&format!("child {number} {nth}")).finish();
        }
        Ok(())
    })?;
    parent.finish();
    let recorded = case.recorded();
    let mut children: Vec<_> = recorded.iter().filter(|span| span.name != "parent").collect();
    let is_correct = |span: &&crate::RecordedSpan| span.parent == id && Some(span.trace_id) == trace;
    ensure!(children.iter().all(is_correct), "a child does not have its parent's id as parent");
    children.sort_by_key(|span| span.span_id.to_u64());
    children.dedup_by_key(|span| span.span_id);
    ensure_eq!(children.len(), THREADS * 10, "the number of children with different ids");
    Ok(())
}

fn a_context_sent_to_another_thread_can_be_joined_there(case: &Case) -> Checked {
    let span = request(case, 1);
    let (sender, receiver) = mpsc::channel();
    let _ = sender.send(span.context().clone());
    let tracer = case.tracer();
    let joined = on_a_thread(move || {
        let context = receiver.recv().map_err(|error| error.to_string())?;
        Ok(tracer.join_trace("joined", &context))
    })?;
    ensure_eq!(joined.trace_id(), span.trace_id(), "the trace");
    drop((span, joined));
    if case.can(Capability::Recording) {
        let [span, joined] = case.spans(["request 1", "joined"])?;
        ensure_eq!(joined.parent, Some(span.span_id), "the parent");
    }
    Ok(())
}

fn scoped_tracers_of_threads_are_independent(case: &Case) -> Checked {
    let tracer = case.tracer();
    let other_tracers: Vec<OtherTracer> = (0..THREADS).map(|_| OtherTracer::default()).collect();
    on_threads(THREADS, |number| {
        for _ in 0..10 {
            trace::with_tracer(&other_tracers[number].handle(), || {
                let name = format!("tracer {number}");
                trace::start_span(&name).run(|| trace::start_span(&name).finish());
            });
            trace::with_tracer(tracer, || trace::start_span("this_span").finish());
        }
        Ok(())
    })?;
    for (number, other_tracer) in other_tracers.iter().enumerate() {
        ensure_eq!(
            other_tracer.started(),
            vec![format!("tracer {number}"); 20],
            "the spans of tracer {number}"
        );
    }
    let recorded = case.recorded();
    let expected = if case.can(Capability::Recording) { THREADS * 10 } else { 0 };
    ensure_eq!(recorded.len(), expected, "the number of recorded spans");
    ensure!(recorded.iter().all(|span| span.name == "this_span"), "a span of another tracer is recorded");
    Ok(())
}

fn references_outlive_their_thread(case: &Case) -> Checked {
    let tracer = case.tracer();
    let reference: SpanRef = on_a_thread(|| {
        let span = tracer.join_trace("span", &caller_number(1));
        let reference = span.reference();
        span.finish();
        Ok(reference)
    })?;
    reference.set_tag("late", "value").event("late");
    let child = reference.start_child("child");
    ensure_eq!(child.trace_id(), caller_number(1).trace_id(), "the trace");
    reference.in_scope(|| is_current(&reference, "after the end of its thread"))?;
    child.finish();
    if case.can(Capability::Recording) {
        let [span, child] = case.spans(["span", "child"])?;
        ensure_eq!(child.parent, Some(span.span_id), "the parent");
    }
    Ok(())
}

fn a_span_may_end_while_other_threads_write_to_it(case: &Case) -> Checked {
    let tracer = case.tracer();
    for round in 0..20 {
        let span = tracer.start_trace(&format!("span {round}"));
        let references: Vec<SpanRef> = (0..3).map(|_| span.reference()).collect();
        let owner = std::sync::Mutex::new(Some(span));
        on_threads(4, |number| {
            let Some(reference) = references.get(number) else {
                let span: Option<StartedSpan> = owner.lock().ok().and_then(|mut owner| owner.take());
                span.into_iter().for_each(StartedSpan::finish);
                return Ok(());
            };
            for nth in 0..20 {
                reference.set_tag("key", nth).event("event").set_name(&format!("span {round}"));
                drop(reference.start_child(Operation::internal("child")));
            }
            Ok(())
        })?;
    }
    let recorded = case.recorded();
    let children = recorded.iter().filter(|span| span.name == "child").count();
    ensure_eq!((recorded.len() - children, children), (20, 20 * 60), "the number of spans and of children");
    let parents: HashSet<_> =
        recorded.iter().filter(|span| span.name != "child").map(|span| span.name.clone()).collect();
    ensure_eq!(parents.len(), 20, "the number of spans recorded once");
    Ok(())
}

fn updates_of_a_joined_thread_are_recorded(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let there = span.reference();
    on_a_thread(move || {
        there.in_scope(|| trace::set_tag("set there", "there"));
        Ok(())
    })?;
    span.set_tag("set here", "on this thread");
    span.finish();
    let span = case.span("span")?;
    ensure!(
        has(&span, "set there", "there") && has(&span, "set here", "on this thread"),
        "the tags are {:?}",
        span.tags
    );
    Ok(())
}

fn spans_that_end_with_their_thread_are_harmless(case: &Case) -> Checked {
    thread_local! {
        static KEPT: RefCell<Vec<StartedSpan>> = const { RefCell::new(Vec::new()) };
        static CURRENT: RefCell<Vec<SpanScope>> = const { RefCell::new(Vec::new()) };
    }
    let keep = |tracer: &anytrace_api::TracerHandle| {
        // Thread-locals are destroyed in reverse order of creation: this one after those of the API and the backend.
        CURRENT.with_borrow_mut(|kept| kept.push(StartedSpan::none().entered()));
        KEPT.with_borrow_mut(|kept| kept.push(tracer.start_trace("kept")));
        CURRENT.with_borrow_mut(|kept| kept.push(tracer.start_trace("current").entered()));
        CURRENT.with_borrow_mut(|kept| kept.push(trace::start_span("current").entered()));
    };
    let tracer = case.tracer().clone();
    let thread = thread::spawn(move || keep(&tracer));
    ensure!(thread.join().is_ok(), "the end of the thread panicked");
    let next = request(case, 1);
    next.in_scope(|| is_current(&next, "after the end of the other thread"))?;
    next.finish();
    if case.can(Capability::Recording) {
        let recorded = case.recorded();
        let named = |name| recorded.iter().filter(|span| span.name == name).count();
        ensure_eq!(named("request 1"), 1, "the number of recordings of the next span");
        ensure!(named("kept") <= 1 && named("current") <= 2, "a span is recorded twice");
    }
    Ok(())
}
