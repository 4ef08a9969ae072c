//! Updates after the end, and repeated ends.

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

checks! { AfterEnd:
    updates_after_the_end_are_not_recorded [Recording];
    updates_after_the_end_do_not_reach_a_later_span [Recording];
    updates_after_the_end_are_harmless [];
    updates_from_other_threads_after_the_end_are_harmless [];
    a_span_that_ends_twice_is_recorded_once [Recording];
    concurrent_ends_record_the_span_once [Recording];
    the_first_end_wins [Recording];
    a_discarded_span_stays_discarded [Recording, Discarding];
    the_context_does_not_change_at_the_end [];
    injected_headers_do_not_change_at_the_end [];
    a_child_of_an_ended_span_continues_its_trace [];
    an_ended_span_may_be_current [];
    the_end_of_a_parent_does_not_affect_open_children [Recording];
}

/// Calls every method that updates a span.
fn update_everything(span: &SpanRef) {
    span.set_tag("late", 1)
        .set_tags(&tags! { "late" => 2, "later" => "text" })
        .set_tag_display("shown", "late");
    span.event("late").event_with(Event::new("late").tags(&tags! { "a" => 1 }).at(UNIX_EPOCH));
    span.link(Link::to(&caller())).set_status(Status::error("late")).set_status(Status::Ok);
    span.record_error("late").set_name("late");
}

/// Returns the backend's part of a span. An unrecorded span may have none.
fn live(span: StartedSpan) -> Option<Arc<dyn Span>> {
    span.into_parts().1
}

fn updates_after_the_end_are_not_recorded(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span").tag("tag", 1);
    span.event("event");
    let reference = span.reference();
    span.finish();
    let before = case.span("span")?;
    update_everything(&reference);
    reference.in_scope(|| {
        trace::set_tag("late", 3);
        trace::event("late");
        trace::set_name("late");
        trace::record_error("late");
    });
    ensure_eq!(case.span("span")?, before, "the recorded span after late updates");
    Ok(())
}

/// Includes updates made before the spans are read. Backends may reuse the memory of finished spans.
fn updates_after_the_end_do_not_reach_a_later_span(case: &Case) -> Checked {
    let mut late = Vec::new();
    for _ in 0..100 {
        let span = case.tracer().start_trace("span");
        late.iter().for_each(update_everything);
        if late.len() < 10 {
            late.push(span.reference());
        }
        span.finish();
    }
    late.iter().for_each(update_everything);
    let all = case.recorded();
    ensure_eq!(all.len(), 100, "the number of recorded spans");
    for span in all {
        ensure_eq!(span.name, "span", "the name");
        ensure!(span.tag("late").is_none() && span.tag("later").is_none(), "tags: {:?}", span.tags);
        let nothing = span.events.is_empty() && span.links.is_empty() && span.status.is_none();
        ensure!(nothing, "{:?} {:?} {:?}", span.events, span.links, span.status);
    }
    Ok(())
}

fn updates_after_the_end_are_harmless(case: &Case) -> Checked {
    for sampling in [Sampling::Record, Sampling::Drop, Sampling::Debug, Sampling::Defer] {
        let span = case.tracer().join_trace("span", &caller().with_sampling(sampling));
        let reference = span.reference();
        span.finish();
        update_everything(&reference);
        drop(reference.native());
        reference.in_scope(|| update_everything(&trace::current_span()));
        ensure_eq!(trace::current_ids(), None, "the current span afterwards");
    }
    Ok(())
}

fn updates_from_other_threads_after_the_end_are_harmless(case: &Case) -> Checked {
    let span = case.tracer().join_trace("span", &caller());
    let context = span.context().clone();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let reference = span.reference();
            thread::spawn(move || {
                for _ in 0..100 {
                    update_everything(&reference);
                }
                reference.in_scope(|| trace::event("late"));
                reference.context().clone()
            })
        })
        .collect();
    span.finish();
    for thread in threads {
        let seen = thread.join().map_err(|_| "a thread that updates the span late panicked")?;
        ensure_eq!(seen, context, "the context on another thread");
    }
    if case.can(Capability::Recording) {
        // Which updates came in time is random, but there is one span.
        ensure_eq!(case.recorded().len(), 1, "the number of recorded spans");
    }
    Ok(())
}

fn a_span_that_ends_twice_is_recorded_once(case: &Case) -> Checked {
    let Some(live) = live(case.tracer().start_trace("span")) else {
        return Err("a recording span has no live span".to_owned());
    };
    for _ in 0..2 {
        Arc::clone(&live).finish(End::new(EndReason::Finished));
        case.span("span")?;
    }
    live.finish(End::new(EndReason::Dropped));
    case.span("span").map(|_| ())
}

fn concurrent_ends_record_the_span_once(case: &Case) -> Checked {
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
        let copies = spans.clone();
        scope.spawn(|| end(copies));
        end(spans);
    });
    ensure_eq!(case.recorded().len(), SPANS, "the number of recorded spans");
    Ok(())
}

fn the_first_end_wins(case: &Case) -> Checked {
    let Some(live) = live(case.tracer().start_trace("span")) else {
        return Err("a recording span has no live span".to_owned());
    };
    Arc::clone(&live).finish(End::new(EndReason::Finished));
    let before = case.span("span")?;
    let hour = Duration::from_secs(3600);
    Arc::clone(&live).finish(End::new(EndReason::Cancelled).at(before.end + hour));
    live.finish(End::new(EndReason::Discarded));
    ensure_eq!(case.span("span")?, before, "the recorded span after another end");
    Ok(())
}

fn a_discarded_span_stays_discarded(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let reference = span.reference();
    if let Some(live) = live(span) {
        Arc::clone(&live).finish(End::new(EndReason::Discarded));
        update_everything(&reference);
        live.finish(End::new(EndReason::Finished));
    }
    case.no_spans()
}

fn the_context_does_not_change_at_the_end(case: &Case) -> Checked {
    let mut span = case.tracer().join_trace("span", &caller());
    span.set_baggage("tenant", "acme").map_err(|error| error.to_string())?;
    let (reference, before) = (span.reference(), span.context().clone());
    span.finish();
    update_everything(&reference);
    ensure_eq!(reference.context(), &before, "the context after the end");
    Ok(())
}

fn injected_headers_do_not_change_at_the_end(case: &Case) -> Checked {
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
        ensure_eq!(headers(&reference), before, "the injected headers after the end");
    }
    Ok(())
}

fn a_child_of_an_ended_span_continues_its_trace(case: &Case) -> Checked {
    for parent in [caller(), caller().with_sampling(Sampling::Drop)] {
        let span = case.tracer().join_trace("span", &parent);
        let (reference, is_recording) = (span.reference(), span.is_recording());
        span.finish();
        let child = reference.start_child("child");
        ensure_eq!(child.trace_id(), parent.trace_id(), "the trace of a late child");
        ensure_eq!(child.is_recording(), is_recording, "is_recording of a late child");
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
    ensure_eq!(trace::current_ids(), reference.context().ids(), "the current ids after the end");
    let child = trace::start_span("child");
    ensure_eq!(child.trace_id(), caller().trace_id(), "the trace of a child of the current span");
    let child = child.entered();
    ensure_eq!(trace::current_ids(), child.context().ids(), "the current ids in the child");
    drop(child);
    ensure_eq!(trace::current_ids(), reference.context().ids(), "the current ids after the child");
    drop(scope);
    ensure_eq!(trace::current_ids(), None, "the current ids at the end");
    Ok(())
}

fn the_end_of_a_parent_does_not_affect_open_children(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    let child = parent.start_child("child");
    parent.finish();
    case.span("parent")?;
    child.set_name("child of the late");
    child.event("said");
    child.finish();
    let all = case.recorded();
    ensure_eq!(all.len(), 2, "the number of recorded spans");
    let parent = all.iter().find(|span| span.name == "parent").ok_or("the parent is not recorded")?;
    let child = all.iter().find(|span| span.name != "parent").ok_or("the child is not recorded")?;
    ensure_eq!(child.parent, Some(parent.span_id), "the parent of the child");
    if case.can(Capability::Events) {
        ensure_eq!(child.events.len(), 1, "the number of events of the child");
    }
    Ok(())
}
