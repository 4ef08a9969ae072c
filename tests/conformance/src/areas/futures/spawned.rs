//! Spawned futures: which context they keep, and which they do not inherit.

use std::{
    pin::{Pin, pin},
    task::Poll,
};

use anytrace_api::{self as trace, FutureExt, SpanRef, TraceContext, current_ids};

use crate::areas::{
    checks,
    current::{caller_number, is_current, no_span_is_current, request},
    executor::{on_a_thread, pause, poll_once, ready},
    other_tracer::OtherTracer,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    a_wrapped_future_keeps_its_context_when_spawned [];
    an_unwrapped_future_does_not_inherit_the_current_span [];
    spans_of_a_spawned_future_are_children_of_the_spawning_span [Recording];
    a_scoped_tracer_stays_with_its_future [];
    suppression_stays_with_its_future [];
    suppression_and_scoped_tracer_combine_with_the_span_of_a_future [];
}

fn a_wrapped_future_keeps_its_context_when_spawned(case: &Case) -> Checked {
    let (here, there) = (request(case, 1), request(case, 2));
    let reference = here.reference();
    let work = async move {
        is_current(&reference, "in the first poll")?;
        pause().await;
        is_current(&reference, "in the second poll")
    };
    let mut future = Box::pin(here.in_scope(|| work.in_current_span()));
    no_span_is_current("where the future was wrapped")?;
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    no_span_is_current("after its first poll")?;
    on_a_thread(|| {
        there.in_scope(|| {
            ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the second poll, on another thread");
            is_current(&there, "after its second poll")
        })
    })
}

fn an_unwrapped_future_does_not_inherit_the_current_span(case: &Case) -> Checked {
    let span = request(case, 1);
    let work = span.in_scope(|| async { no_span_is_current("in a poll") });
    ready(work)??;
    let work = async { current_ids() };
    let seen = span.in_scope(|| ready(work))?;
    ensure_eq!(seen, span.context().ids(), "the current span during the poll of an unwrapped future");
    Ok(())
}

fn spans_of_a_spawned_future_are_children_of_the_spawning_span(case: &Case) -> Checked {
    let spawned = trace::start_span("parent").run(|| {
        let work = async {
            trace::start_span("first").finish();
            pause().await;
            async { trace::start_span("second").finish() }.in_span(trace::start_span("inner")).await;
        };
        Box::pin(work.in_current_span())
    });
    let mut spawned: Pin<Box<dyn Future<Output = ()> + Send>> = spawned;
    for _ in 0..2 {
        spawned = on_a_thread(move || {
            let _ = poll_once(spawned.as_mut());
            Ok(spawned)
        })?;
    }
    let [parent, first, inner, second] = case.spans(["parent", "first", "inner", "second"])?;
    ensure_eq!((first.parent, inner.parent), (Some(parent.span_id), Some(parent.span_id)), "the parents");
    ensure_eq!(second.parent, Some(inner.span_id), "the parent of a span started in the inner span");
    Ok(())
}

fn a_scoped_tracer_stays_with_its_future(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    let outer = request(case, 1);
    let work = async {
        no_span_is_current("in a poll with another tracer")?;
        trace::start_span("first").finish();
        pause().await;
        trace::start_span("second").finish();
        Ok::<_, String>(())
    };
    let mut future = pin!(work.with_tracer(&other_tracer.handle()));
    outer.in_scope(|| {
        ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
        is_current(&outer, "after a poll with another tracer")?;
        ensure_eq!(
            trace::start_span("this_span").trace_id(),
            outer.trace_id(),
            "the trace between the polls"
        );
        ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the second poll");
        Ok(())
    })?;
    ensure_eq!(other_tracer.started(), ["first", "second"], "the spans of the other tracer");
    Ok(())
}

fn suppression_stays_with_its_future(case: &Case) -> Checked {
    let span = request(case, 1);
    let check_suppressed = || {
        let started = [trace::start_span("suppressed"), trace::start_trace("suppressed"), request(case, 2)];
        ensure!(started.iter().all(|span| !span.is_recording()), "a span is recording while suppressed");
        let other_tracer = OtherTracer::default();
        drop(other_tracer.handle().start_trace("other_span"));
        ensure!(other_tracer.started().is_empty(), "another tracer is called while suppressed");
        ensure_eq!(started[0].trace_id(), span.trace_id(), "the trace of a suppressed span");
        Ok::<_, String>(())
    };
    let work = async {
        check_suppressed()?;
        pause().await;
        check_suppressed()
    };
    let mut future = pin!(span.in_scope(|| work.suppressed()));
    ensure!(poll_once(future.as_mut()).is_pending(), "the future is ready too early");
    let records = case.can(Capability::Recording);
    let between = trace::start_span("between");
    ensure_eq!(between.is_recording(), records, "is_recording of a span started between the polls");
    between.finish();
    ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the second poll");
    if records { case.span("between").map(|_| ()) } else { Ok(()) }
}

fn suppression_and_scoped_tracer_combine_with_the_span_of_a_future(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    let other_span = trace::with_tracer(&other_tracer.handle(), || {
        async { trace::start_trace("other_span").finish() }.in_span(SpanRef::from(caller_number(1)))
    });
    let suppressed_future = trace::suppression::suppressed(|| {
        let tracer = other_tracer.handle();
        let records = async move {
            tracer.start_trace("suppressed").is_recording() || trace::start_trace("suppressed").is_recording()
        };
        records.in_span(SpanRef::from(caller_number(1)))
    });
    ready(other_span)?;
    ensure_eq!(other_tracer.started(), ["other_span"], "the spans of the scoped tracer");
    ensure!(!ready(suppressed_future)?, "a future made while suppressed records spans");
    case.no_spans()
}
