//! Testbed scenarios: requests, handlers and workers.

use std::{cell::RefCell, collections::HashMap, pin::pin, sync::Mutex, sync::mpsc, thread};

use anytrace_api::{
    self as trace, Context, FutureExt, Kind, Operation, SpanScope, StartedSpan, TraceContext, TracerHandle,
};

use crate::areas::{
    checks,
    current::{has, is_current, no_span_is_current},
    executor::{joined, on_a_thread, on_threads, pause, poll_once},
};
use crate::{
    Capability, RecordedSpan,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Scenarios:
    a_span_handed_to_a_worker_ends_there_and_leaves_its_task_current [Recording];
    client_and_server_share_a_trace_over_a_queue [Recording, Propagation];
    a_shared_handler_gives_each_concurrent_request_a_trace [Recording];
    a_handler_that_starts_traces_ignores_the_current_span [Recording];
    a_handler_with_a_fixed_parent_gives_it_to_every_request [Recording];
    a_handler_that_starts_spans_uses_the_current_span [Recording];
    a_stateless_handler_ends_its_span_on_the_same_thread [Recording];
    a_parent_that_is_not_current_can_outlive_its_tasks [Recording];
    a_listener_ends_the_span_of_its_request [Recording];
}

/// Checks that the spans ended in the given order, if the backend records times.
pub(crate) fn ended_in_order<const N: usize>(case: &Case, spans: [&RecordedSpan; N]) -> Checked {
    if case.can(Capability::Times) {
        for pair in spans.windows(2) {
            let [first, second] = pair else { continue };
            ensure!(first.end <= second.end, "{:?} ended after {:?}", first.name, second.name);
        }
    }
    Ok(())
}

/// Scenario 1: active span replacement.
fn a_span_handed_to_a_worker_ends_there_and_leaves_its_task_current(case: &Case) -> Checked {
    let initial = case.tracer().start_trace("initial");
    let task = case.tracer().start_trace("task");
    let task_is = task.reference();
    let worker = async {
        is_current(&task_is, "when the worker begins")?;
        let handed = initial.reference();
        initial.run(|| is_current(&handed, "while the worker runs the handed span"))?;
        is_current(&task_is, "after the handed span has ended")?;
        pause().await;
        trace::start_span("subtask").finish();
        pause().await;
        is_current(&task_is, "at the end")
    };
    let mut worker = pin!(worker.in_span(task));
    ensure!(poll_once(worker.as_mut()).is_pending(), "the worker is ready too early");
    let initial = case.span("initial")?;
    ensure!(poll_once(worker.as_mut()).is_pending(), "the worker is ready too early");
    case.spans(["initial", "subtask"])?;
    ensure_eq!(poll_once(worker.as_mut()), std::task::Poll::Ready(Ok(())), "the result of the worker");
    no_span_is_current("afterwards")?;
    let [_, subtask, task] = case.spans(["initial", "subtask", "task"])?;
    ensure_eq!((initial.parent, task.parent), (None, None), "the parents of both roots");
    ensure_eq!(
        (subtask.parent, subtask.trace_id),
        (Some(task.span_id), task.trace_id),
        "the parent and the trace of the subtask"
    );
    ensure!(initial.trace_id != task.trace_id, "the handed span is in the trace of the worker's task");
    ended_in_order(case, [&initial, &subtask, &task])
}

/// Scenario 2: client and server.
fn client_and_server_share_a_trace_over_a_queue(case: &Case) -> Checked {
    let tracer = case.tracer();
    let (queue, messages) = mpsc::channel::<HashMap<String, String>>();
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            for message in messages {
                let receive = tracer.join_trace(Operation::server("receive"), &tracer.extract(&message));
                receive.run(|| trace::set_tag("message", message.get("body").map_or("", String::as_str)));
                no_span_is_current("on the server, after the message")?;
            }
            Ok(())
        });
        trace::start_span(Operation::client("send")).run(|| {
            let mut message = HashMap::from([("body".to_owned(), "hello".to_owned())]);
            trace::inject(&mut message);
            let _ = queue.send(message);
        });
        drop(queue);
        joined(server)
    })?;
    no_span_is_current("afterwards")?;
    let [send, receive] = case.spans(["send", "receive"])?;
    ensure_eq!(
        (receive.trace_id, receive.parent),
        (send.trace_id, Some(send.span_id)),
        "the parent and the trace of the server span"
    );
    if case.can(Capability::Kinds) {
        ensure_eq!((send.kind, receive.kind), (Kind::Client, Kind::Server), "the kinds");
    }
    ensure!(!case.can(Capability::Tags) || has(&receive, "message", "hello"), "{:?}", receive.tags);
    Ok(())
}

/// A handler shared by all requests. An open span waits in the map until its response arrives.
struct Handler<'a> {
    start: Box<dyn Fn(&str) -> StartedSpan + Sync + 'a>,
    open: Mutex<HashMap<String, StartedSpan>>,
}

impl<'a> Handler<'a> {
    fn new(start: impl Fn(&str) -> StartedSpan + Sync + 'a) -> Self {
        Handler { start: Box::new(start), open: Mutex::default() }
    }

    fn before(&self, request: &str) -> Checked {
        let span = (self.start)(request);
        self.open.lock().map_err(|error| error.to_string())?.insert(request.to_owned(), span);
        nothing_else_is_current()
    }

    fn after(&self, request: &str) -> Checked {
        let span = self.open.lock().map_err(|error| error.to_string())?.remove(request);
        span.ok_or("the request has no open span")?.finish();
        Ok(())
    }

    /// Handles each request on a pool: its span starts on one thread and ends on another.
    fn handle(&self, request: &str) -> Checked {
        on_a_thread(|| self.before(request))?;
        on_a_thread(|| self.after(request))
    }
}

fn nothing_else_is_current() -> Checked {
    no_span_is_current("on a thread of the pool")
}

fn clients_have(case: &Case, spans: &[&RecordedSpan], parent: Option<&RecordedSpan>) -> Checked {
    for span in spans {
        ensure_eq!(span.parent, parent.map(|parent| parent.span_id), "the parent of {:?}", span.name);
        ensure!(
            !case.can(Capability::Kinds) || span.kind == Kind::Client,
            "{:?} is {:?}",
            span.name,
            span.kind
        );
    }
    Ok(())
}

/// Scenario 3: a handler shared by concurrent requests.
fn a_shared_handler_gives_each_concurrent_request_a_trace(case: &Case) -> Checked {
    let tracer = case.tracer();
    let handler = Handler::new(|request| tracer.start_trace(Operation::client(&request.to_owned())));
    on_threads(2, |number| handler.before(["first", "second"][number]))?;
    case.no_spans()?;
    // Each request ends on the thread that started the other one.
    on_threads(2, |number| handler.after(["second", "first"][number]))?;
    let [first, second] = case.spans(["first", "second"])?;
    ensure!(first.trace_id != second.trace_id, "two requests share a trace");
    clients_have(case, &[&first, &second], None)
}

/// Scenario 3 with a current parent.
fn a_handler_that_starts_traces_ignores_the_current_span(case: &Case) -> Checked {
    let tracer = case.tracer();
    let handler = Handler::new(|request| tracer.start_trace(Operation::client(&request.to_owned())));
    trace::start_span("parent").run(|| trace::carry(|| handler.handle("request"))())?;
    let [parent, request] = case.spans(["parent", "request"])?;
    ensure!(parent.trace_id != request.trace_id, "the request is in the trace of the current span");
    clients_have(case, &[&request], None)
}

/// Scenario 3, the testbed's "bad solution": every request gets the same explicit parent.
fn a_handler_with_a_fixed_parent_gives_it_to_every_request(case: &Case) -> Checked {
    let tracer = case.tracer();
    let parent = tracer.start_trace("parent");
    let fixed: Context = parent.context().clone();
    let handler = Handler::new(|request| tracer.join_trace(Operation::client(&request.to_owned()), &fixed));
    parent.run(|| handler.handle("inside"))?;
    handler.handle("unrelated")?;
    let [parent, inside, unrelated] = case.spans(["parent", "inside", "unrelated"])?;
    clients_have(case, &[&inside, &unrelated], Some(&parent))
}

/// Scenario 3, the testbed's "good solution".
fn a_handler_that_starts_spans_uses_the_current_span(case: &Case) -> Checked {
    let handler = Handler::new(|request| trace::start_span(Operation::client(&request.to_owned())));
    let before = |request: &str| {
        let span = (handler.start)(request);
        handler.open.lock().map(|mut open| open.insert(request.to_owned(), span)).is_ok()
    };
    let began = trace::start_span("parent").run(|| trace::carry(|| before("inside"))());
    ensure!(began && before("unrelated"), "the handler panicked");
    on_threads(2, |number| handler.after(["inside", "unrelated"][number]))?;
    let [parent, inside, unrelated] = case.spans(["parent", "inside", "unrelated"])?;
    clients_have(case, &[&inside], Some(&parent))?;
    clients_have(case, &[&unrelated], None)
}

/// Scenario 4: a stateless handler.
fn a_stateless_handler_ends_its_span_on_the_same_thread(case: &Case) -> Checked {
    thread_local! {
        static OPEN: RefCell<Option<SpanScope>> = const { RefCell::new(None) };
    }
    let before = |tracer: &TracerHandle, name: &str| {
        let scope = tracer.start_span(Operation::client(&name.to_owned())).entered();
        OPEN.with_borrow_mut(|open| open.replace(scope)).map(drop)
    };
    let after = || OPEN.take().map(SpanScope::finish);
    let tracer = case.tracer();
    on_a_thread(|| {
        for name in ["first", "second", "third"] {
            ensure_eq!(before(tracer, name), None, "the number of open spans");
            trace::set_tag("request", name);
            ensure_eq!(after(), Some(()), "the ended span");
            no_span_is_current("between two requests")?;
        }
        Ok(())
    })?;
    let spans = case.spans(["first", "second", "third"])?;
    for span in &spans {
        let tagged = !case.can(Capability::Tags) || has(span, "request", &span.name);
        ensure!(tagged, "the tags of {:?} are {:?}", span.name, span.tags);
    }
    clients_have(case, &spans.each_ref(), None)
}

/// Scenario 5: late span finish.
fn a_parent_that_is_not_current_can_outlive_its_tasks(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    no_span_is_current("where the parent was started")?;
    for name in ["task 1", "task 2"] {
        on_a_thread(|| {
            parent.in_scope(|| {
                is_current(&parent, "in a task")?;
                trace::start_span(&name.to_owned()).finish();
                Ok(())
            })
        })?;
    }
    case.spans(["task 1", "task 2"])?;
    parent.finish();
    let [first, second, parent] = case.spans(["task 1", "task 2", "parent"])?;
    for task in [&first, &second] {
        ensure_eq!(
            (task.parent, task.trace_id),
            (Some(parent.span_id), parent.trace_id),
            "the parent and the trace of {:?}",
            task.name
        );
    }
    ended_in_order(case, [&first, &second, &parent])
}

/// Scenario 6: one listener per request.
fn a_listener_ends_the_span_of_its_request(case: &Case) -> Checked {
    struct Listener(StartedSpan);
    impl Listener {
        fn on_response(self, response: &str) {
            self.0.set_tag("response", response);
            self.0.finish();
        }
    }
    let listener = Listener(case.tracer().start_span(Operation::client("request")));
    let (sends, responses) = mpsc::channel::<String>();
    thread::scope(move |scope| {
        let client = scope.spawn(move || {
            let response = responses.recv().map_err(|gone| gone.to_string())?;
            listener.on_response(&response);
            no_span_is_current("after the response")
        });
        case.no_spans()?;
        let _ = sends.send("message::response".to_owned());
        joined(client)
    })?;
    let request = case.span("request")?;
    let tagged = !case.can(Capability::Tags) || has(&request, "response", "message::response");
    ensure!(tagged, "the tags are {:?}", request.tags);
    clients_have(case, &[&request], None)
}
