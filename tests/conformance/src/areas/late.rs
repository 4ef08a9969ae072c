//! What is said after the end, and ends that come twice.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::{Duration, UNIX_EPOCH},
};

use anytrace_api::{
    self as trace, EndReason, Event, Link, Sampling, SpanRef, StartedSpan, Status, TraceContext,
    backend::{End, Span},
    tags,
};

use crate::areas::{checks, spans::caller};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Late:
    what_is_said_after_the_end_is_not_recorded [Recording];
    what_is_said_after_the_end_is_not_said_of_a_later_span [Recording];
    what_is_said_after_the_end_does_no_harm [];
    other_threads_may_be_late [];
    what_ends_twice_is_recorded_once [Recording];
    ends_on_two_threads_are_one [Recording];
    the_first_end_counts [Recording];
    a_discarded_span_stays_discarded [Recording, Discarding];
    a_context_is_the_same_after_the_end [];
    headers_are_the_same_after_the_end [];
    a_child_of_an_ended_span_is_in_its_trace [];
    an_ended_span_may_be_current [];
    an_end_takes_nothing_from_open_children [Recording];
}

/// Everything that can be said of a span.
fn say_everything(span: &SpanRef) {
    span.set_tag("late", 1)
        .set_tags(&tags! { "late" => 2, "later" => "text" })
        .set_tag_display("shown", "late");
    span.event("late").event_with(Event::new("late").tags(&tags! { "a" => 1 }).at(UNIX_EPOCH));
    span.link(Link::to(&caller())).set_status(Status::error("late")).set_status(Status::Ok);
    span.record_error("late").set_name("late");
}

/// Rules about ends of spans that a backend has to itself; one that is not recorded may have none.
fn live(span: StartedSpan) -> Option<Arc<dyn Span>> {
    span.into_parts().1
}

fn what_is_said_after_the_end_is_not_recorded(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span").tag("tag", 1);
    span.event("event");
    let reference = span.reference();
    span.finish();
    let before = case.span("span")?;
    say_everything(&reference);
    reference.in_scope(|| {
        trace::set_tag("late", 3);
        trace::event("late");
        trace::set_name("late");
        trace::record_error("late");
    });
    ensure_eq!(case.span("span")?, before, "what is recorded once more has been said");
    Ok(())
}

/// Said before anybody has looked at what is recorded, too: and backends use the memory of finished spans again.
fn what_is_said_after_the_end_is_not_said_of_a_later_span(case: &Case) -> Checked {
    let mut late = Vec::new();
    for _ in 0..100 {
        let span = case.tracer().start_trace("span");
        late.iter().for_each(say_everything);
        if late.len() < 10 {
            late.push(span.reference());
        }
        span.finish();
    }
    late.iter().for_each(say_everything);
    let all = case.recorded();
    ensure_eq!(all.len(), 100, "how many are recorded");
    for span in all {
        ensure_eq!(span.name, "span", "the name");
        ensure!(span.tag("late").is_none() && span.tag("later").is_none(), "tags: {:?}", span.tags);
        let nothing = span.events.is_empty() && span.links.is_empty() && span.status.is_none();
        ensure!(nothing, "{:?} {:?} {:?}", span.events, span.links, span.status);
    }
    Ok(())
}

fn what_is_said_after_the_end_does_no_harm(case: &Case) -> Checked {
    for sampling in [Sampling::Record, Sampling::Drop, Sampling::Debug, Sampling::Defer] {
        let span = case.tracer().join_trace("span", &caller().with_sampling(sampling));
        let reference = span.reference();
        span.finish();
        say_everything(&reference);
        drop(reference.native());
        reference.in_scope(|| say_everything(&trace::current_span()));
        ensure_eq!(trace::current_ids(), None, "what is current afterwards");
    }
    Ok(())
}

fn other_threads_may_be_late(case: &Case) -> Checked {
    let span = case.tracer().join_trace("span", &caller());
    let context = span.context().clone();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let reference = span.reference();
            thread::spawn(move || {
                for _ in 0..100 {
                    say_everything(&reference);
                }
                reference.in_scope(|| trace::event("late"));
                reference.context().clone()
            })
        })
        .collect();
    span.finish();
    for thread in threads {
        let seen = thread.join().map_err(|_| "a thread that is late panicked")?;
        ensure_eq!(seen, context, "the context as another thread sees it");
    }
    if case.can(Capability::Recording) {
        // Who was in time, and who late, nobody knows: but there is one span.
        ensure_eq!(case.recorded().len(), 1, "how many are recorded");
    }
    Ok(())
}

fn what_ends_twice_is_recorded_once(case: &Case) -> Checked {
    let Some(live) = live(case.tracer().start_trace("span")) else {
        return Err("a span that is recorded is not live".to_owned());
    };
    for _ in 0..2 {
        Arc::clone(&live).finish(End::new(EndReason::Finished));
        case.span("span")?;
    }
    live.finish(End::new(EndReason::Dropped));
    case.span("span").map(|_| ())
}

fn ends_on_two_threads_are_one(case: &Case) -> Checked {
    const SPANS: usize = 200;
    let spans: Vec<_> = (0..SPANS).filter_map(|_| live(case.tracer().start_trace("span"))).collect();
    let both = Barrier::new(2);
    let end = |spans: Vec<Arc<dyn Span>>| {
        both.wait();
        for span in spans {
            span.finish(End::new(EndReason::Finished));
        }
    };
    thread::scope(|scope| {
        let theirs = spans.clone();
        scope.spawn(|| end(theirs));
        end(spans);
    });
    ensure_eq!(case.recorded().len(), SPANS, "how many are recorded");
    Ok(())
}

fn the_first_end_counts(case: &Case) -> Checked {
    let Some(live) = live(case.tracer().start_trace("span")) else {
        return Err("a span that is recorded is not live".to_owned());
    };
    Arc::clone(&live).finish(End::new(EndReason::Finished));
    let before = case.span("span")?;
    let hour = Duration::from_secs(3600);
    Arc::clone(&live).finish(End::new(EndReason::Cancelled).at(before.end + hour));
    live.finish(End::new(EndReason::Discarded));
    ensure_eq!(case.span("span")?, before, "what is recorded after another end");
    Ok(())
}

fn a_discarded_span_stays_discarded(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let reference = span.reference();
    if let Some(live) = live(span) {
        Arc::clone(&live).finish(End::new(EndReason::Discarded));
        say_everything(&reference);
        live.finish(End::new(EndReason::Finished));
    }
    case.nothing()
}

fn a_context_is_the_same_after_the_end(case: &Case) -> Checked {
    let mut span = case.tracer().join_trace("span", &caller());
    span.set_baggage("tenant", "acme").map_err(|error| error.to_string())?;
    let (reference, before) = (span.reference(), span.context().clone());
    span.finish();
    say_everything(&reference);
    ensure_eq!(reference.context(), &before, "the context after the end");
    Ok(())
}

fn headers_are_the_same_after_the_end(case: &Case) -> Checked {
    let headers = |span: &SpanRef| {
        let mut headers: Vec<(String, String)> = Vec::new();
        span.inject(&mut headers);
        headers
    };
    for parent in [caller(), caller().with_sampling(Sampling::Drop)] {
        let mut span = case.tracer().join_trace("span", &parent);
        span.set_baggage("tenant", "acme").map_err(|error| error.to_string())?;
        let (reference, before) = (span.reference(), headers(&span));
        span.finish();
        ensure_eq!(headers(&reference), before, "what is injected after the end");
    }
    Ok(())
}

fn a_child_of_an_ended_span_is_in_its_trace(case: &Case) -> Checked {
    for parent in [caller(), caller().with_sampling(Sampling::Drop)] {
        let span = case.tracer().join_trace("span", &parent);
        let (reference, is_recording) = (span.reference(), span.is_recording());
        span.finish();
        let child = reference.start_child("child");
        ensure_eq!(child.trace_id(), parent.trace_id(), "the trace of a late child");
        ensure_eq!(child.is_recording(), is_recording, "whether a late child is recorded");
        let grandchild = child.start_child("grandchild");
        child.finish();
        ensure_eq!(grandchild.trace_id(), parent.trace_id(), "the trace of a late grandchild");
    }
    Ok(())
}

fn an_ended_span_may_be_current(case: &Case) -> Checked {
    let span = case.tracer().join_trace("span", &caller());
    let reference = span.reference();
    let scope = reference.enter();
    span.finish();
    ensure_eq!(trace::current_ids(), reference.context().ids(), "what is current after its end");
    let child = trace::start_span("child");
    ensure_eq!(child.trace_id(), caller().trace_id(), "the trace of a child of what is current");
    let child = child.entered();
    ensure_eq!(trace::current_ids(), child.context().ids(), "what is current in the child");
    drop(child);
    ensure_eq!(trace::current_ids(), reference.context().ids(), "what is current after the child");
    drop(scope);
    ensure_eq!(trace::current_ids(), None, "what is current in the end");
    Ok(())
}

fn an_end_takes_nothing_from_open_children(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    let child = parent.start_child("child");
    parent.finish();
    case.span("parent")?;
    child.set_name("child of the late");
    child.event("said");
    child.finish();
    let all = case.recorded();
    ensure_eq!(all.len(), 2, "how many are recorded");
    let parent = all.iter().find(|span| span.name == "parent").ok_or("the parent is gone")?;
    let child = all.iter().find(|span| span.name != "parent").ok_or("the child is gone")?;
    ensure_eq!(child.parent, Some(parent.span_id), "the parent of the child");
    if case.can(Capability::Events) {
        ensure_eq!(child.events.len(), 1, "events of the child");
    }
    Ok(())
}
