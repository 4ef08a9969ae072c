//! Testbed scenarios: subtasks, actors, promises, and jobs that are suspended and resumed.

use std::{pin::pin, sync::mpsc, task::Poll, thread};

use anytrace_api::{
    self as trace, Context, FutureExt, Kind, Link, Operation, PolledSpan, TraceContext, current_span,
};

use crate::areas::{
    checks,
    current::{is_current, no_span_is_current, request},
    executor::{Tasks, joined, on_a_thread, pause, poll_once},
    scenarios::requests::ended_in_order,
};
use crate::{
    Capability, RecordedSpan,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Scenarios:
    a_subtask_is_a_child_of_the_task_that_waits_for_it [Recording];
    actors_continue_the_trace_of_a_sent_message [Recording];
    actors_reply_in_the_trace_of_the_question [Recording];
    callbacks_of_a_promise_are_children_of_the_span_current_at_its_creation [Recording];
    suspended_and_resumed_jobs_keep_their_own_spans [Recording];
    suspended_and_resumed_jobs_keep_the_traces_of_their_callers [];
}

/// Scenario 9: a subtask.
fn a_subtask_is_a_child_of_the_task_that_waits_for_it(case: &Case) -> Checked {
    let (sender, receiver) = mpsc::channel();
    let tasks = Tasks::default();
    let others = tasks.clone();
    let work = async move {
        let message = "message";
        let (replies, responses) = mpsc::channel();
        let subtask = async move {
            let span = trace::start_span("subtask");
            async {
                pause().await;
                let _ = replies.send(format!("{message}::response"));
            }
            .in_span(span)
            .await;
            Ok(())
        };
        others.spawn(subtask.in_current_span());
        loop {
            pause().await;
            if let Ok(response) = responses.try_recv() {
                let _ = sender.send(response);
                return Ok(());
            }
        }
    };
    tasks.spawn(work.in_span(trace::start_trace("parent")));
    tasks.run()?;
    ensure_eq!(receiver.try_recv(), Ok("message::response".to_owned()), "the result");
    let [subtask, parent] = case.spans(["subtask", "parent"])?;
    ensure_eq!(
        (subtask.parent, subtask.trace_id),
        (Some(parent.span_id), parent.trace_id),
        "the parent and the trace of the subtask"
    );
    ended_in_order(case, [&subtask, &parent])
}

/// A message to an actor: its text, the sender's context, and the channel for the reply.
struct Message(String, Context, Option<mpsc::Sender<String>>);

/// Scenario 11: actors. The span that sends two messages ends before the actor receives them.
fn actor(case: &Case, expects_reply: bool) -> Checked {
    let tracer = case.tracer();
    let (mailbox, messages) = mpsc::channel::<Message>();
    let (replies, responses) = mpsc::channel();
    trace::start_span(Operation::producer("parent")).run(|| {
        for text in ["message 1", "message 2"] {
            let reply = expects_reply.then(|| replies.clone());
            let _ = mailbox.send(Message(text.to_owned(), current_span().context().clone(), reply));
        }
    });
    drop((mailbox, replies));
    case.span("parent")?;
    on_a_thread(|| {
        for Message(text, sender, reply) in messages {
            let received = tracer.join_trace(Operation::consumer("received"), &sender);
            received.link(Link::to(&sender));
            received.run(|| reply.map(|reply| reply.send(format!("{text}::response"))));
            no_span_is_current("in the actor, after a message")?;
        }
        Ok(())
    })?;
    let expected: &[&str] = if expects_reply { &["message 1::response", "message 2::response"] } else { &[] };
    ensure_eq!(responses.iter().collect::<Vec<_>>(), expected, "the replies");
    let [parent, first, second] = case.spans(["parent", "received", "received"])?;
    for received in [&first, &second] {
        ensure_eq!(
            (received.parent, received.trace_id),
            (Some(parent.span_id), parent.trace_id),
            "the parent and the trace"
        );
        ensure!(
            !case.can(Capability::Kinds) || received.kind == Kind::Consumer,
            "the kind is {:?}",
            received.kind
        );
        if case.can(Capability::Links) {
            let links: Vec<_> = received.links.iter().map(|link| link.span_id).collect();
            ensure_eq!(links, [parent.span_id], "the links");
        }
    }
    ensure!(first.span_id != second.span_id, "two messages share a span");
    no_span_is_current("afterwards")
}

fn actors_continue_the_trace_of_a_sent_message(case: &Case) -> Checked {
    actor(case, false)
}

fn actors_reply_in_the_trace_of_the_question(case: &Case) -> Checked {
    actor(case, true)
}

type OnSuccess = Box<dyn FnOnce(&str) -> Checked + Send>;
type OnError = Box<dyn FnOnce(&str) -> Checked + Send>;

/// A value that another thread sets later.
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

/// Scenario 12: promises.
fn callbacks_of_a_promise_are_children_of_the_span_current_at_its_creation(case: &Case) -> Checked {
    let (mut fulfilled, mut rejected) = (Promise::default(), Promise::default());
    let parent = trace::start_span("parent");
    let reference = parent.reference();
    parent.run(|| {
        for name in ["success 1", "success 2"] {
            let parent = reference.clone();
            fulfilled.on_success(move |value| {
                is_current(&parent, "in a callback")?;
                ensure_eq!(value, "success!", "the value");
                trace::start_span(&name.to_owned()).finish();
                Ok(())
            });
            fulfilled.on_error(|_| Err("a fulfilled promise calls its error callback".to_owned()));
        }
        let parent = reference.clone();
        rejected.on_success(|_| Err("a rejected promise calls its success callback".to_owned()));
        rejected.on_error(move |error| {
            is_current(&parent, "in a callback for an error")?;
            trace::start_span("error")
                .try_run(|| Err::<(), _>(error))
                .map_or(Ok(()), |()| Err("no error".to_owned()))
        });
    });
    case.span("parent")?;
    thread::scope(|scope| {
        let (first, second) = (
            scope.spawn(move || fulfilled.settle(Ok("success!"))),
            scope.spawn(move || rejected.settle(Err("no success"))),
        );
        joined(first).and(joined(second))
    })?;
    let [parent, callbacks @ ..] = case.spans(["parent", "success 1", "success 2", "error"])?;
    for callback in callbacks as [RecordedSpan; 3] {
        ensure_eq!(callback.parent, Some(parent.span_id), "the parent of {:?}", callback.name);
        ensure_eq!(callback.trace_id, parent.trace_id, "the trace of {:?}", callback.name);
    }
    Ok(())
}

/// Scenario 13: suspend and resume.
fn suspended_and_resumed_jobs_keep_their_own_spans(case: &Case) -> Checked {
    let [mut first, mut second] = ["job 1", "job 2"].map(|name| trace::start_span(name).into_polled());
    let part = |job: &mut PolledSpan, name: &'static str| {
        job.run(|| trace::start_span(name).finish());
        no_span_is_current("between the jobs")
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

/// Scenario 13 with futures, checked by ids alone.
fn suspended_and_resumed_jobs_keep_the_traces_of_their_callers(case: &Case) -> Checked {
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
    ensure!(poll_once(first.as_mut()).is_pending(), "the first job is ready too early");
    ensure!(poll_once(second.as_mut()).is_pending(), "the second job is ready too early");
    ensure_eq!(poll_once(first.as_mut()), Poll::Ready(Ok(())), "the result of the first job");
    ensure_eq!(poll_once(second.as_mut()), Poll::Ready(Ok(())), "the result of the second job");
    no_span_is_current("afterwards")
}
