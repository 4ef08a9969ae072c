//! Scenarios of the testbed: subtasks, actors, promises and jobs that take turns.

use std::{pin::pin, sync::mpsc, task::Poll, thread};

use anytrace_api::{
    self as trace, Context, FutureExt, Kind, Link, Operation, PolledSpan, TraceContext, current_span,
};

use crate::areas::{
    checks,
    current::{is_current, nothing_is_current, request},
    executor::{Tasks, joined, on_a_thread, pause, poll_once},
    scenarios::requests::ended_in_order,
};
use crate::{
    Capability, Recorded,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Scenarios:
    a_subtask_is_a_child_of_the_task_that_waits_for_it [Recording];
    actors_that_are_told_continue_the_trace_of_who_told_them [Recording];
    actors_that_are_asked_answer_in_the_trace_of_who_asked [Recording];
    callbacks_of_a_promise_hang_on_what_was_current_when_it_was_made [Recording];
    jobs_that_are_suspended_and_resumed_do_not_mix [Recording];
    jobs_of_callers_that_are_suspended_and_resumed_do_not_mix [];
}

/// 9: a subtask.
fn a_subtask_is_a_child_of_the_task_that_waits_for_it(case: &Case) -> Checked {
    let (tells, told) = mpsc::channel();
    let tasks = Tasks::default();
    let others = tasks.clone();
    let work = async move {
        let message = "message";
        let (answers, answered) = mpsc::channel();
        let subtask = async move {
            let span = trace::start_span("subtask");
            async {
                pause().await;
                let _ = answers.send(format!("{message}::response"));
            }
            .in_span(span)
            .await;
            Ok(())
        };
        others.spawn(subtask.in_current_span());
        loop {
            pause().await;
            if let Ok(answer) = answered.try_recv() {
                let _ = tells.send(answer);
                return Ok(());
            }
        }
    };
    tasks.spawn(work.in_span(trace::start_trace("parent")));
    tasks.run()?;
    ensure_eq!(told.try_recv(), Ok("message::response".to_owned()), "the result");
    let [subtask, parent] = case.spans(["subtask", "parent"])?;
    ensure_eq!(
        (subtask.parent, subtask.trace_id),
        (Some(parent.span_id), parent.trace_id),
        "where the subtask is"
    );
    ended_in_order(case, [&subtask, &parent])
}

/// What an actor is sent: the words, who sent them, and where an answer goes.
struct Message(String, Context, Option<mpsc::Sender<String>>);

/// 11: actors. Two messages are sent from a span that ends before the actor sees them.
fn actor(case: &Case, asked: bool) -> Checked {
    let tracer = case.tracer();
    let (mailbox, messages) = mpsc::channel::<Message>();
    let (answers, answered) = mpsc::channel();
    trace::start_span(Operation::producer("parent")).run(|| {
        for words in ["message 1", "message 2"] {
            let reply = asked.then(|| answers.clone());
            let _ = mailbox.send(Message(words.to_owned(), current_span().context().clone(), reply));
        }
    });
    drop((mailbox, answers));
    case.span("parent")?;
    on_a_thread(|| {
        for Message(words, sender, reply) in messages {
            let received = tracer.join_trace(Operation::consumer("received"), &sender);
            received.link(Link::to(&sender));
            received.run(|| reply.map(|reply| reply.send(format!("{words}::response"))));
            nothing_is_current("in the actor, after a message")?;
        }
        Ok(())
    })?;
    let expected: &[&str] = if asked { &["message 1::response", "message 2::response"] } else { &[] };
    ensure_eq!(answered.iter().collect::<Vec<_>>(), expected, "the answers");
    let [parent, first, second] = case.spans(["parent", "received", "received"])?;
    for received in [&first, &second] {
        ensure_eq!(
            (received.parent, received.trace_id),
            (Some(parent.span_id), parent.trace_id),
            "where it is"
        );
        ensure!(!case.can(Capability::Kinds) || received.kind == Kind::Consumer, "it is {:?}", received.kind);
        if case.can(Capability::Links) {
            let links: Vec<_> = received.links.iter().map(|link| link.span_id).collect();
            ensure_eq!(links, [parent.span_id], "what it follows from");
        }
    }
    ensure!(first.span_id != second.span_id, "two messages are one span");
    nothing_is_current("afterwards")
}

fn actors_that_are_told_continue_the_trace_of_who_told_them(case: &Case) -> Checked {
    actor(case, false)
}

fn actors_that_are_asked_answer_in_the_trace_of_who_asked(case: &Case) -> Checked {
    actor(case, true)
}

type OnSuccess = Box<dyn FnOnce(&str) -> Checked + Send>;
type OnError = Box<dyn FnOnce(&str) -> Checked + Send>;

/// What will be known later, on another thread.
#[derive(Default)]
struct Promise {
    on_success: Vec<OnSuccess>,
    on_error: Vec<OnError>,
}

impl Promise {
    fn on_success(&mut self, callback: impl FnOnce(&str) -> Checked + Send + 'static) {
        let here = trace::Snapshot::here();
        self.on_success.push(Box::new(move |value| here.run(|| callback(value))));
    }

    fn on_error(&mut self, callback: impl FnOnce(&str) -> Checked + Send + 'static) {
        let here = trace::Snapshot::here();
        self.on_error.push(Box::new(move |error| here.run(|| callback(error))));
    }

    fn settle(self, result: Result<&str, &str>) -> Checked {
        match result {
            Ok(value) => self.on_success.into_iter().try_for_each(|callback| callback(value)),
            Err(error) => self.on_error.into_iter().try_for_each(|callback| callback(error)),
        }
    }
}

/// 12: promises.
fn callbacks_of_a_promise_hang_on_what_was_current_when_it_was_made(case: &Case) -> Checked {
    let (mut kept, mut broken) = (Promise::default(), Promise::default());
    let parent = trace::start_span("parent");
    let reference = parent.reference();
    parent.run(|| {
        for name in ["success 1", "success 2"] {
            let parent = reference.clone();
            kept.on_success(move |value| {
                is_current(&parent, "in a callback")?;
                ensure_eq!(value, "success!", "the value");
                trace::start_span(&name.to_owned()).finish();
                Ok(())
            });
            kept.on_error(|_| Err("a promise that is kept is broken".to_owned()));
        }
        let parent = reference.clone();
        broken.on_success(|_| Err("a promise that is broken is kept".to_owned()));
        broken.on_error(move |error| {
            is_current(&parent, "in a callback for an error")?;
            trace::start_span("error")
                .try_run(|| Err::<(), _>(error))
                .map_or(Ok(()), |()| Err("no error".to_owned()))
        });
    });
    case.span("parent")?;
    thread::scope(|scope| {
        let (first, second) = (
            scope.spawn(move || kept.settle(Ok("success!"))),
            scope.spawn(move || broken.settle(Err("no success"))),
        );
        joined(first).and(joined(second))
    })?;
    let [parent, callbacks @ ..] = case.spans(["parent", "success 1", "success 2", "error"])?;
    for callback in callbacks as [Recorded; 3] {
        ensure_eq!(callback.parent, Some(parent.span_id), "the parent of {:?}", callback.name);
        ensure_eq!(callback.trace_id, parent.trace_id, "the trace of {:?}", callback.name);
    }
    Ok(())
}

/// 13: suspend and resume.
fn jobs_that_are_suspended_and_resumed_do_not_mix(case: &Case) -> Checked {
    let [mut first, mut second] = ["job 1", "job 2"].map(|name| trace::start_span(name).into_polled());
    let part = |job: &mut PolledSpan, name: &'static str| {
        job.run(|| trace::start_span(name).finish());
        nothing_is_current("between the jobs")
    };
    part(&mut first, "1 part 1")?;
    part(&mut second, "2 part 1")?;
    part(&mut first, "1 part 2")?;
    part(&mut second, "2 part 2")?;
    first.finish();
    case.spans(["1 part 1", "2 part 1", "1 part 2", "2 part 2", "job 1"])?;
    second.finish();
    let names = ["job 1", "job 2", "1 part 1", "1 part 2", "2 part 1", "2 part 2"];
    let [first, second, a, b, c, d] = case.spans(names)?;
    ensure_eq!((first.parent, second.parent), (None, None), "the parents of the jobs");
    ensure!(first.trace_id != second.trace_id, "two jobs share a trace");
    for (part, job) in [(a, &first), (b, &first), (c, &second), (d, &second)] {
        ensure_eq!(part.parent, Some(job.span_id), "the parent of {:?}", part.name);
    }
    ended_in_order(case, [&first, &second])
}

/// 13 again, with futures and by ids alone.
fn jobs_of_callers_that_are_suspended_and_resumed_do_not_mix(case: &Case) -> Checked {
    let job = |number| {
        let span = request(case, number);
        let reference = span.reference();
        let parts = async move {
            is_current(&reference, "in the first part")?;
            pause().await;
            is_current(&reference, "in the second part")
        };
        parts.in_span(span)
    };
    let (mut first, mut second) = (pin!(job(1)), pin!(job(2)));
    ensure!(poll_once(first.as_mut()).is_pending(), "the first job is done");
    ensure!(poll_once(second.as_mut()).is_pending(), "the second job is done");
    ensure_eq!(poll_once(first.as_mut()), Poll::Ready(Ok(())), "the first job");
    ensure_eq!(poll_once(second.as_mut()), Poll::Ready(Ok(())), "the second job");
    nothing_is_current("afterwards")
}
