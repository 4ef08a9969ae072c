//! Coroutines that alternate at their await points.

use std::{
    collections::{HashSet, VecDeque},
    pin::{Pin, pin},
    sync::Mutex,
    task::Poll,
};

use anytrace_api::{self as trace, FutureExt};

use crate::areas::{
    checks,
    current::{caller_number, has, is_current, no_span_is_current, request},
    executor::{Tasks, on_threads, pause, poll_once},
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    two_coroutines_on_one_thread_keep_their_spans [];
    many_coroutines_on_one_thread_keep_their_spans [];
    children_of_coroutines_have_the_right_parent [Recording];
    a_coroutine_without_a_span_sees_no_span_of_another_coroutine [];
    coroutines_tag_their_own_spans [Recording, Tags];
    coroutines_that_start_others_pass_their_span_on [Recording];
    coroutines_that_move_between_threads_keep_their_spans [];
}

fn two_coroutines_on_one_thread_keep_their_spans(case: &Case) -> Checked {
    let [a, b] = [1, 2].map(|number| request(case, number));
    let work = |span: trace::SpanRef| async move {
        is_current(&span, "in the first part")?;
        pause().await;
        is_current(&span, "in the second part")?;
        pause().await;
        is_current(&span, "in the third part")
    };
    let (first, second) = (a.reference(), b.reference());
    let (mut first, mut second) = (pin!(work(first).in_span(a)), pin!(work(second).in_span(b)));
    // The order changes for the last polls.
    for _ in 0..2 {
        ensure!(poll_once(first.as_mut()).is_pending(), "the first future is ready too early");
        no_span_is_current("between the first and the second")?;
        ensure!(poll_once(second.as_mut()).is_pending(), "the second future is ready too early");
        no_span_is_current("between the second and the first")?;
    }
    ensure_eq!(poll_once(second.as_mut()), Poll::Ready(Ok(())), "the result of the second future");
    ensure_eq!(poll_once(first.as_mut()), Poll::Ready(Ok(())), "the result of the first future");
    if case.can(Capability::Recording) {
        let [a, b] = case.spans(["request 1", "request 2"])?;
        let callers = [1, 2].map(|number| caller_number(number).span_id());
        ensure_eq!([a.parent, b.parent], callers, "the parents");
    }
    Ok(())
}

fn many_coroutines_on_one_thread_keep_their_spans(case: &Case) -> Checked {
    let tasks = Tasks::default();
    for number in 1..=30 {
        let span = request(case, number);
        let reference = span.reference();
        let work = async move {
            for part in 0..number % 7 {
                is_current(&reference, &format!("in part {part} of {number}"))?;
                let inner = request(case, 100 + number);
                let within = inner.reference();
                async {
                    is_current(&within, "in a coroutine of the coroutine")?;
                    pause().await;
                    is_current(&within, "in a coroutine of the coroutine, later")
                }
                .in_span(inner)
                .await?;
                is_current(&reference, &format!("at the end of part {part} of {number}"))?;
                pause().await;
            }
            is_current(&reference, "in the last part")
        };
        tasks.spawn(work.in_span(span));
    }
    tasks.run()
}

fn children_of_coroutines_have_the_right_parent(case: &Case) -> Checked {
    const TASKS: usize = 20;
    let tasks = Tasks::default();
    for number in 0..TASKS {
        let work = async move {
            for _ in 0..4 {
                trace::start_span(&format!("child {number}")).finish();
                pause().await;
                let grandchild = async move {
                    pause().await;
                    trace::start_span(&format!("grandchild {number}")).finish();
                };
                grandchild.in_span(trace::start_span(&format!("child {number}"))).await;
            }
            Ok(())
        };
        tasks.spawn(work.in_span(trace::start_trace(&format!("task {number}"))));
    }
    tasks.run()?;
    let recorded = case.recorded();
    ensure_eq!(recorded.len(), TASKS * 13, "the number of recorded spans");
    for span in &recorded {
        let Some((depth, number)) = span.name.split_once(' ') else { continue };
        let parent = recorded.iter().find(|other| Some(other.span_id) == span.parent);
        let expected = match depth {
            "task" => None,
            "child" => Some(format!("task {number}")),
            _ => Some(format!("child {number}")),
        };
        ensure_eq!(parent.map(|parent| parent.name.clone()), expected, "the parent of {:?}", span.name);
        ensure!(
            parent.is_none_or(|parent| parent.trace_id == span.trace_id),
            "{:?} is in another trace",
            span.name
        );
    }
    Ok(())
}

fn a_coroutine_without_a_span_sees_no_span_of_another_coroutine(case: &Case) -> Checked {
    let tasks = Tasks::default();
    for number in 1..=3 {
        let span = request(case, number);
        let reference = span.reference();
        tasks.spawn(async {
            for _ in 0..3 {
                no_span_is_current("in a coroutine without a span")?;
                pause().await;
            }
            Ok(())
        });
        let work = async move {
            for _ in 0..3 {
                is_current(&reference, "in a coroutine with a span")?;
                pause().await;
            }
            Ok(())
        };
        tasks.spawn(work.in_span(span));
    }
    tasks.run()
}

fn coroutines_tag_their_own_spans(case: &Case) -> Checked {
    let names = ["a", "b", "c"];
    let tasks = Tasks::default();
    for name in names {
        let work = async move {
            trace::set_tag("first", name);
            pause().await;
            trace::set_tag("second", name);
            Ok(())
        };
        tasks.spawn(work.in_span(trace::start_trace(name)));
    }
    tasks.run()?;
    for span in case.spans(names)? {
        ensure!(has(&span, "first", &span.name) && has(&span, "second", &span.name), "{:?}", span.tags);
    }
    Ok(())
}

fn coroutines_that_start_others_pass_their_span_on(case: &Case) -> Checked {
    let tasks = Tasks::default();
    for name in ["a", "b"] {
        let others = tasks.clone();
        let work = async move {
            pause().await;
            for _ in 0..3 {
                let spawned = async move {
                    pause().await;
                    trace::start_span(&format!("of {name}")).finish();
                    Ok(())
                };
                others.spawn(spawned.in_current_span());
            }
            Ok(())
        };
        tasks.spawn(work.in_span(trace::start_trace(name)));
    }
    tasks.run()?;
    let recorded = case.recorded();
    for name in ["a", "b"] {
        let parent = recorded.iter().find(|span| span.name == name).map(|span| span.span_id);
        let children = recorded.iter().filter(|span| span.name == format!("of {name}"));
        let rightly = children.filter(|span| span.parent == parent).map(|span| span.span_id);
        ensure_eq!(rightly.collect::<HashSet<_>>().len(), 3, "the number of children of {name}");
    }
    ensure_eq!(recorded.len(), 8, "the number of recorded spans");
    Ok(())
}

fn coroutines_that_move_between_threads_keep_their_spans(case: &Case) -> Checked {
    type Task = Pin<Box<dyn Future<Output = Checked> + Send>>;
    const TASKS: u64 = 20;
    let task = |number| -> Task {
        let span = request(case, number);
        let reference = span.reference();
        let work = async move {
            for _ in 0..10 {
                is_current(&reference, "in a poll")?;
                let child = trace::start_span("child");
                ensure_eq!(child.trace_id(), reference.trace_id(), "the trace of a child");
                pause().in_span(child).await;
            }
            Ok(())
        };
        Box::pin(work.in_span(span))
    };
    let waiting: Mutex<VecDeque<Task>> = Mutex::new((1..=TASKS).map(task).collect());
    let lock = || waiting.lock().map_err(|poisoned| poisoned.to_string());
    // A thread that finds no task ends: the other threads hold the remaining tasks.
    on_threads(4, |_| {
        loop {
            let Some(mut task) = lock()?.pop_front() else { return Ok(()) };
            match poll_once(task.as_mut()) {
                Poll::Ready(checked) => checked?,
                Poll::Pending => lock()?.push_back(task),
            }
            no_span_is_current("between two polls")?;
        }
    })?;
    if case.can(Capability::Recording) {
        let recorded = case.recorded();
        ensure_eq!(recorded.len() as u64, TASKS * 11, "the number of recorded spans");
        let children = recorded.iter().filter(|span| span.name == "child");
        for child in children {
            let parent = recorded.iter().find(|span| Some(span.span_id) == child.parent);
            let same =
                parent.is_some_and(|parent| parent.trace_id == child.trace_id && parent.name != "child");
            ensure!(same, "a child is not a child of the span of its coroutine");
        }
    }
    Ok(())
}
