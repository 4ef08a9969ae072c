//! Testbed scenarios: callbacks and continuations.

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::Rc,
    sync::{Arc, mpsc},
    thread,
};

use anytrace_api::{self as trace, FutureExt, SpanRef, StartedSpan, carry};

use crate::areas::{
    checks,
    current::{has, is_current, no_span_is_current},
    executor::{Tasks, joined, on_a_thread, pause},
    scenarios::requests::ended_in_order,
};
use crate::{
    Capability, RecordedSpan,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Scenarios:
    a_parent_ends_with_the_last_of_its_callbacks [Recording];
    nested_callbacks_write_to_one_span [Recording];
    a_span_ends_after_its_only_continuation [Recording];
    a_span_ends_after_the_last_of_its_continuations [Recording];
    callbacks_are_children_of_the_span_current_at_scheduling [Recording];
    a_coroutine_passes_its_span_to_its_callback [Recording];
    coroutines_that_schedule_the_next_one_form_one_trace [Recording];
    coroutines_that_start_traces_form_separate_traces [Recording];
    work_wrapped_in_an_empty_span_has_no_parent [Recording];
}

/// Scenario 7: several callbacks.
fn a_parent_ends_with_the_last_of_its_callbacks(case: &Case) -> Checked {
    let names = ["task 1", "task 2", "task 3"];
    let parent = Arc::new(case.tracer().start_trace("parent"));
    thread::scope(move |scope| {
        let schedule = |name: &'static str| {
            let (lets_go, waits) = mpsc::channel::<()>();
            let parent = parent.clone();
            let callback = scope.spawn(move || {
                let _ = waits.recv();
                parent.in_scope(|| {
                    is_current(&parent, "in a callback")?;
                    trace::start_span(name).finish();
                    Ok(())
                })
            });
            (lets_go, callback)
        };
        let (go, callbacks): (Vec<_>, Vec<_>) = names.map(schedule).into_iter().unzip();
        drop(parent);
        case.no_spans()?;
        // All callbacks run at the same time.
        drop(go);
        callbacks.into_iter().try_for_each(joined)
    })?;
    let [first, second, third, parent] = case.spans(["task 1", "task 2", "task 3", "parent"])?;
    for task in [&first, &second, &third] {
        beneath(task, &parent)?;
        ended_in_order(case, [task, &parent])?;
    }
    Ok(())
}

/// Scenario 8: nested callbacks.
fn nested_callbacks_write_to_one_span(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span").tag("key0", "0");
    on_a_thread(move || {
        span.in_scope(|| trace::set_tag("key1", "1"));
        on_a_thread(move || {
            span.in_scope(|| trace::set_tag("key2", "2"));
            on_a_thread(move || {
                let scope = span.entered();
                trace::set_tag("key3", "3");
                scope.finish();
                no_span_is_current("in the innermost callback, after the end")
            })?;
            no_span_is_current("in the second callback")
        })?;
        no_span_is_current("in the first callback")
    })?;
    let span = case.span("span")?;
    if case.can(Capability::Tags) {
        let all = ["0", "1", "2", "3"].iter().all(|nth| has(&span, &format!("key{nth}"), nth));
        ensure!(all, "the tags are {:?}", span.tags);
    }
    Ok(())
}

/// Scenario 10: activate and deactivate, with `count` continuations that are scheduled on threads.
fn continued(case: &Case, continuations: usize) -> Checked {
    let names: Vec<String> = (1..=continuations).map(|nth| format!("continuation {nth}")).collect();
    let span = Arc::new(case.tracer().start_trace("span"));
    for (nth, name) in names.iter().enumerate() {
        case.no_spans()?;
        let continued = span.clone();
        // The last continuation to be scheduled takes the first owner.
        let last = (nth + 1 == continuations).then(|| span.clone());
        on_a_thread(move || {
            continued.in_scope(|| trace::set_tag(name, "done"));
            drop(last);
            no_span_is_current("after a continuation")
        })?;
    }
    case.no_spans()?;
    drop(span);
    let span = case.span("span")?;
    let all = names.iter().all(|name| has(&span, name, "done"));
    ensure!(!case.can(Capability::Tags) || all, "the tags are {:?}", span.tags);
    Ok(())
}

fn a_span_ends_after_its_only_continuation(case: &Case) -> Checked {
    continued(case, 1)
}

fn a_span_ends_after_the_last_of_its_continuations(case: &Case) -> Checked {
    continued(case, 2)
}

type Callback = Box<dyn FnOnce()>;

/// An event loop on one thread. Scheduled callbacks run later, one at a time.
#[derive(Clone, Default)]
struct Loop(Rc<RefCell<VecDeque<Callback>>>);

impl Loop {
    fn soon(&self, callback: impl FnOnce() + 'static) {
        self.0.borrow_mut().push_back(Box::new(callback));
    }

    fn run(&self) -> Checked {
        loop {
            let Some(callback) = self.0.borrow_mut().pop_front() else { return Ok(()) };
            callback();
            no_span_is_current("between two callbacks")?;
        }
    }
}

fn beneath(child: &RecordedSpan, parent: &RecordedSpan) -> Checked {
    ensure_eq!(child.parent, Some(parent.span_id), "the parent of {:?}", child.name);
    ensure_eq!(child.trace_id, parent.trace_id, "the trace of {:?}", child.name);
    Ok(())
}

/// Scenario 8 with captured contexts.
fn callbacks_are_children_of_the_span_current_at_scheduling(case: &Case) -> Checked {
    let events = Loop::default();
    let later = events.clone();
    trace::start_span("parent").run(|| {
        events.soon(carry(move || {
            trace::start_span("first").run(|| {
                let last = later.clone();
                later.soon(carry(move || {
                    trace::start_span("second").finish();
                    last.soon(carry(|| trace::start_span("third").finish()));
                }));
            });
        }));
    });
    events.soon(|| trace::start_span("unrelated").finish());
    case.span("parent")?;
    events.run()?;
    let names = ["parent", "first", "second", "third", "unrelated"];
    let [parent, first, second, third, unrelated] = case.spans(names)?;
    beneath(&first, &parent)?;
    beneath(&second, &first)?;
    beneath(&third, &first)?;
    ensure_eq!(unrelated.parent, None, "the parent of a callback scheduled without a span");
    Ok(())
}

/// Scenario 8 from a coroutine.
fn a_coroutine_passes_its_span_to_its_callback(case: &Case) -> Checked {
    let (tasks, events) = (Tasks::default(), Loop::default());
    let soon = events.clone();
    let work = async move {
        pause().await;
        soon.soon(carry(|| trace::start_span("callback").finish()));
        Ok(())
    };
    tasks.spawn(work.in_span(trace::start_trace("coroutine")));
    tasks.run()?;
    case.span("coroutine")?;
    events.run()?;
    let [coroutine, callback] = case.spans(["coroutine", "callback"])?;
    beneath(&callback, &coroutine)
}

/// Schedules coroutines, each of which schedules the next one inside the span that `start` returns.
fn schedule(tasks: &Tasks<'static>, left: usize, start: fn(&str) -> StartedSpan) {
    if left == 0 {
        return;
    }
    let next = tasks.clone();
    let work = async move {
        pause().await;
        let span = start(&format!("task {left}"));
        async {
            pause().await;
            schedule(&next, left - 1, start);
        }
        .in_span(span)
        .await;
        Ok(())
    };
    tasks.spawn(work.in_current_span());
}

/// Scenario 8, recursive.
fn coroutines_that_schedule_the_next_one_form_one_trace(case: &Case) -> Checked {
    let tasks = Tasks::default();
    trace::start_span("parent").run(|| schedule(&tasks, 3, |name| trace::start_span(&name.to_owned())));
    tasks.run()?;
    let [parent, first, second, third] = case.spans(["parent", "task 3", "task 2", "task 1"])?;
    beneath(&first, &parent)?;
    beneath(&second, &first)?;
    beneath(&third, &second)
}

/// Scenario 8, recursive, ignoring the current span.
fn coroutines_that_start_traces_form_separate_traces(case: &Case) -> Checked {
    let tasks = Tasks::default();
    trace::start_span("parent").run(|| schedule(&tasks, 3, |name| trace::start_trace(&name.to_owned())));
    tasks.run()?;
    let spans = case.spans(["parent", "task 3", "task 2", "task 1"])?;
    for (nth, span) in spans.iter().enumerate() {
        ensure_eq!(span.parent, None, "the parent of {:?}", span.name);
        let shared = spans[..nth].iter().any(|other| other.trace_id == span.trace_id);
        ensure!(!shared, "{:?} is in the trace of another callback", span.name);
    }
    Ok(())
}

/// Scenario 8 with an empty span around a callback, a coroutine and an await.
fn work_wrapped_in_an_empty_span_has_no_parent(case: &Case) -> Checked {
    let (tasks, events) = (Tasks::default(), Loop::default());
    let start = |name: &'static str| async move { trace::start_span(name).finish() };
    let (soon, others) = (events.clone(), tasks.clone());
    let work = async move {
        SpanRef::none().in_scope(|| soon.soon(carry(|| trace::start_span("lone callback").finish())));
        soon.soon(carry(|| trace::start_span("callback").finish()));
        let alone = async move {
            start("lone coroutine").await;
            Ok(())
        };
        others.spawn(alone.in_span(SpanRef::none()));
        let beneath = async move {
            start("coroutine").await;
            Ok(())
        };
        others.spawn(beneath.in_current_span());
        start("lone await").in_span(SpanRef::none()).await;
        start("await").await;
        Ok(())
    };
    tasks.spawn(work.in_span(trace::start_trace("parent")));
    tasks.run()?;
    events.run()?;
    let names = ["parent", "callback", "coroutine", "await", "lone callback", "lone coroutine", "lone await"];
    let [parent, callback, coroutine, awaited, alone @ ..] = case.spans(names)?;
    for span in [callback, coroutine, awaited] {
        beneath(&span, &parent)?;
    }
    for span in alone as [RecordedSpan; 3] {
        ensure_eq!(span.parent, None, "the parent of {:?}", span.name);
        ensure!(span.trace_id != parent.trace_id, "{:?} is in a trace that is hidden from it", span.name);
    }
    Ok(())
}
