//! What futures take along from where they are made, and what not.

use std::{
    pin::{Pin, pin},
    task::Poll,
};

use anytrace_api::{self as trace, FutureExt, SpanRef, TraceContext, current_ids};

use crate::areas::{
    checks,
    current::{caller_number, is_current, nothing_is_current, request},
    executor::{on_a_thread, pause, poll_once, ready},
    neighbour::Neighbour,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Async:
    a_future_takes_along_what_it_is_told_to [];
    a_future_that_is_not_told_takes_nothing_along [];
    what_a_spawned_future_starts_hangs_on_who_spawned_it [Recording];
    a_scoped_tracer_goes_with_its_future [];
    silence_goes_with_its_future [];
    a_future_takes_silence_and_tracer_along_with_its_span [];
}

fn a_future_takes_along_what_it_is_told_to(case: &Case) -> Checked {
    let (here, there) = (request(case, 1), request(case, 2));
    let reference = here.reference();
    let work = async move {
        is_current(&reference, "in the first poll")?;
        pause().await;
        is_current(&reference, "in the second poll")
    };
    let mut future = Box::pin(here.in_scope(|| work.in_current_span()));
    nothing_is_current("where it was told")?;
    ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
    nothing_is_current("after its first poll")?;
    on_a_thread(|| {
        there.in_scope(|| {
            ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the second poll, elsewhere");
            is_current(&there, "after its second poll")
        })
    })
}

fn a_future_that_is_not_told_takes_nothing_along(case: &Case) -> Checked {
    let span = request(case, 1);
    let work = span.in_scope(|| async { nothing_is_current("in a poll") });
    ready(work)??;
    let work = async { current_ids() };
    let seen = span.in_scope(|| ready(work))?;
    ensure_eq!(seen, span.context().ids(), "what is current around a poll is so in it");
    Ok(())
}

fn what_a_spawned_future_starts_hangs_on_who_spawned_it(case: &Case) -> Checked {
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
    ensure_eq!(second.parent, Some(inner.span_id), "the parent of what is started further in");
    Ok(())
}

fn a_scoped_tracer_goes_with_its_future(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    let outer = request(case, 1);
    let work = async {
        nothing_is_current("in the polls of another tracer")?;
        trace::start_span("first").finish();
        pause().await;
        trace::start_span("second").finish();
        Ok::<_, String>(())
    };
    let mut future = pin!(work.with_tracer(&neighbour.handle()));
    outer.in_scope(|| {
        ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
        is_current(&outer, "after a poll of another tracer")?;
        ensure_eq!(trace::start_span("ours").trace_id(), outer.trace_id(), "the trace between the polls");
        ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the second poll");
        Ok(())
    })?;
    ensure_eq!(neighbour.started(), ["first", "second"], "what the other tracer started");
    Ok(())
}

fn silence_goes_with_its_future(case: &Case) -> Checked {
    let span = request(case, 1);
    let quiet = || {
        let started = [trace::start_span("silent"), trace::start_trace("silent"), request(case, 2)];
        ensure!(started.iter().all(|span| !span.is_recording()), "a span is recorded in silence");
        let neighbour = Neighbour::default();
        drop(neighbour.handle().start_trace("theirs"));
        ensure!(neighbour.started().is_empty(), "another tracer is asked in silence");
        ensure_eq!(started[0].trace_id(), span.trace_id(), "the trace that goes on in silence");
        Ok::<_, String>(())
    };
    let work = async {
        quiet()?;
        pause().await;
        quiet()
    };
    let mut future = pin!(span.in_scope(|| work.suppressed()));
    ensure!(poll_once(future.as_mut()).is_pending(), "it is over");
    let records = case.can(Capability::Recording);
    let between = trace::start_span("between");
    ensure_eq!(between.is_recording(), records, "whether what starts between its polls is recorded");
    between.finish();
    ensure_eq!(poll_once(future.as_mut()), Poll::Ready(Ok(())), "the second poll");
    if records { case.span("between").map(|_| ()) } else { Ok(()) }
}

fn a_future_takes_silence_and_tracer_along_with_its_span(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    let theirs = trace::with_tracer(&neighbour.handle(), || {
        async { trace::start_trace("theirs").finish() }.in_span(SpanRef::from(caller_number(1)))
    });
    let silent = trace::suppression::suppressed(|| {
        let tracer = neighbour.handle();
        let heard = async move {
            tracer.start_trace("silent").is_recording() || trace::start_trace("silent").is_recording()
        };
        heard.in_span(SpanRef::from(caller_number(1)))
    });
    ready(theirs)?;
    ensure_eq!(neighbour.started(), ["theirs"], "what the tracer of the scope started");
    ensure!(!ready(silent)?, "a future that was made in silence is heard");
    case.nothing()
}
