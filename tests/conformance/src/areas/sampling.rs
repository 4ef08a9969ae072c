//! Decisions about recording.

use anytrace_api::{
    self as trace, Context, Event, Link, Sampling, SpanRef, StartedSpan, Status, TraceContext,
    suppression::suppressed,
};

use crate::areas::{
    baggage::refused,
    checks,
    propagation::{full, headers, received, written},
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Sampling:
    a_root_is_recorded_and_says_so [Recording];
    what_a_recorded_caller_starts_is_recorded [Recording];
    what_a_denied_caller_starts_is_not_recorded [Recording, ParentSampling];
    where_nobody_has_decided_the_back_end_does [Recording];
    what_is_not_recorded_goes_by_the_ids_of_its_parent [];
    what_starts_beneath_it_carries_the_same_context_on [];
    a_decision_holds_for_all_below [];
    what_is_said_of_an_unrecorded_span_does_no_harm [];
    headers_name_the_last_span_that_is_recorded [Propagation];
    headers_tell_the_decision [Propagation, SampledFlag];
    a_wish_to_record_is_heeded [Recording, SamplingWishes];
    a_wish_not_to_record_is_heeded [Recording, SamplingWishes];
    a_wish_for_debugging_is_handed_down [Recording, SamplingWishes];
    the_random_flag_survives [];
    the_trace_state_survives [];
    the_trace_state_is_sent_on [TraceStatePropagation];
}

const ALL: [Sampling; 4] = [Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug];

/// A span, a child, a child of what is current, what joins that, and what starts in silence: each beneath the one
/// before it.
fn chain(case: &Case, parent: &Context) -> Vec<StartedSpan> {
    let span = case.tracer().join_trace("joined", parent);
    let child = span.start_child("child");
    let grandchild = child.in_scope(|| trace::start_span("grandchild"));
    let joined = case.tracer().join_trace("joins", &grandchild);
    let silent = suppressed(|| joined.start_child("silent"));
    vec![span, child, grandchild, joined, silent]
}

fn a_root_is_recorded_and_says_so(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    ensure!(
        span.is_recording() && span.reference().is_recording(),
        "a root does not say that it is recorded"
    );
    ensure!(span.in_scope(trace::is_recording), "what is current does not say that it is recorded");
    ensure!(span.start_child("child").is_recording(), "a child does not say that it is recorded");
    ensure_eq!(span.context().sampling().is_sampled(), Some(true), "the decision of a root");
    span.finish();
    case.spans(["span", "child"]).map(|_| ())
}

fn what_a_recorded_caller_starts_is_recorded(case: &Case) -> Checked {
    let chain = chain(case, &caller());
    for span in &chain[..4] {
        ensure!(span.is_recording(), "what is beneath a recorded caller does not say that it is recorded");
        ensure_eq!(span.context().sampling(), Sampling::Record, "the decision");
    }
    drop(chain);
    let [joined, child, grandchild, joins] = case.spans(["joined", "child", "grandchild", "joins"])?;
    for (span, above) in [(&child, &joined), (&grandchild, &child), (&joins, &grandchild)] {
        ensure_eq!(span.parent, Some(above.span_id), "the parent of {:?}", span.name);
    }
    Ok(())
}

fn what_a_denied_caller_starts_is_not_recorded(case: &Case) -> Checked {
    let chain = chain(case, &caller().with_sampling(Sampling::Drop));
    for span in &chain {
        ensure!(!span.is_recording(), "what is beneath a denied caller says that it is recorded");
        ensure_eq!(span.context().sampling(), Sampling::Drop, "the decision");
    }
    drop(chain);
    case.nothing()
}

fn where_nobody_has_decided_the_back_end_does(case: &Case) -> Checked {
    let span = case.tracer().join_trace("joined", &caller().with_sampling(Sampling::Defer));
    ensure_eq!(span.context().sampling().is_sampled(), Some(true), "the decision");
    let child = span.start_child("child");
    ensure_eq!(child.context().sampling().is_sampled(), Some(true), "the decision of the child");
    child.finish();
    span.finish();
    let [joined, child] = case.spans(["joined", "child"])?;
    ensure_eq!(Some(joined.trace_id), caller().trace_id(), "the trace");
    ensure_eq!(joined.parent, caller().span_id(), "the parent");
    ensure_eq!(child.parent, Some(joined.span_id), "the parent of the child");
    Ok(())
}

/// So what is downstream hangs on the last span that is recorded, and not on one that nobody knows.
fn what_is_not_recorded_goes_by_the_ids_of_its_parent(case: &Case) -> Checked {
    for sampling in ALL {
        let caller = caller().with_sampling(sampling);
        let chain = chain(case, &caller);
        let mut last = caller.ids();
        for span in &chain {
            let ids = span.context().ids();
            ensure_eq!(ids.unzip().0, caller.trace_id(), "the trace");
            ensure_eq!(ids != last, span.is_recording(), "whether the ids are its own");
            last = ids;
        }
    }
    Ok(())
}

fn what_starts_beneath_it_carries_the_same_context_on(case: &Case) -> Checked {
    let (with_ids, wish) =
        (full()?.with_sampling(Sampling::Drop), Context::EMPTY.with_sampling(Sampling::Drop));
    for parent in [with_ids, wish] {
        let chain = chain(case, &parent);
        for pair in chain.windows(2).filter(|pair| !pair[0].is_recording()) {
            let (above, below) = (pair[0].context(), pair[1].context());
            ensure!(!pair[1].is_recording(), "what is beneath an unrecorded span is recorded");
            ensure_eq!(below.ids(), above.ids(), "the ids");
            ensure_eq!(below.sampling(), above.sampling(), "the decision");
            ensure_eq!(below.trace_state(), above.trace_state(), "the trace state");
            ensure_eq!(below.baggage(), above.baggage(), "the baggage");
        }
    }
    Ok(())
}

fn a_decision_holds_for_all_below(case: &Case) -> Checked {
    for sampling in ALL {
        for parent in [caller().with_sampling(sampling), Context::EMPTY.with_sampling(sampling)] {
            let chain = chain(case, &parent);
            for span in &chain {
                let (first, here) = (chain[0].context().sampling(), span.context().sampling());
                ensure_eq!(here, first, "the decision further down, of {sampling:?}");
            }
        }
    }
    Ok(())
}

fn what_is_said_of_an_unrecorded_span_does_no_harm(case: &Case) -> Checked {
    for parent in [caller().with_sampling(Sampling::Drop), Context::EMPTY.with_sampling(Sampling::Drop)] {
        let mut chain = chain(case, &parent);
        for span in chain.iter_mut().filter(|span| !span.is_recording()) {
            span.set_tag("key", 1).event("event").event_with(Event::new("event"));
            span.link(Link::to(&caller()))
                .set_status(Status::failed())
                .record_error("failed")
                .set_name("other");
            span.set_baggage("key", "value").map_err(refused)?;
            drop(span.native());
            span.in_scope(|| {
                trace::set_tag("key", 2);
                trace::event("event");
                trace::set_name("other");
                ensure!(!trace::is_recording(), "what is current says that it is recorded");
                Ok(())
            })?;
        }
        if case.can(Capability::Recording) && chain.iter().all(|span| !span.is_recording()) {
            drop(chain);
            case.nothing()?;
        }
    }
    Ok(())
}

fn headers_name_the_last_span_that_is_recorded(case: &Case) -> Checked {
    let ids = |span: &SpanRef| received(case, &headers(span)).ids();
    for sampling in ALL {
        let caller = caller().with_sampling(sampling);
        let mut last = caller.ids();
        for span in &chain(case, &caller) {
            if span.is_recording() {
                last = span.context().ids();
            }
            ensure_eq!(ids(span), last, "the ids in the headers");
        }
    }
    Ok(())
}

fn headers_tell_the_decision(case: &Case) -> Checked {
    for decided in [Sampling::Drop, Sampling::Record, Sampling::Debug] {
        for span in &chain(case, &caller().with_sampling(decided)) {
            // One that heeds no caller records all the same, and says so.
            let expected = span.is_recording() || decided != Sampling::Drop;
            let told = received(case, &headers(span)).sampling().is_sampled();
            ensure_eq!(told, Some(expected), "the decision in the headers, of {decided:?}");
        }
    }
    Ok(())
}

fn a_wish_to_record_is_heeded(case: &Case) -> Checked {
    let span = case.tracer().join_trace("root", &Context::EMPTY.with_sampling(Sampling::Record));
    ensure_eq!(span.context().sampling(), Sampling::Record, "the decision");
    span.finish();
    ensure_eq!(case.span("root")?.parent, None, "the parent of a root");
    Ok(())
}

fn a_wish_not_to_record_is_heeded(case: &Case) -> Checked {
    let wish = Context::EMPTY.with_sampling(Sampling::Drop);
    let chain = chain(case, &wish);
    ensure!(chain.iter().all(|span| !span.is_recording()), "what is not to be recorded says that it is");
    SpanRef::from(wish).in_scope(|| trace::start_span("in scope").start_child("child").finish());
    drop(chain);
    case.nothing()
}

fn a_wish_for_debugging_is_handed_down(case: &Case) -> Checked {
    for parent in [Context::EMPTY, caller()] {
        let chain = chain(case, &parent.with_sampling(Sampling::Debug));
        for span in &chain {
            ensure_eq!(span.context().sampling(), Sampling::Debug, "the decision");
        }
        ensure!(chain[..4].iter().all(|span| span.is_recording()), "what is to be debugged is not recorded");
    }
    ensure_eq!(case.recorded().len(), 8, "how many are recorded");
    Ok(())
}

fn the_random_flag_survives(case: &Case) -> Checked {
    for random in [true, false] {
        for sampling in ALL {
            let caller = caller().with_random(random).with_sampling(sampling);
            for span in &chain(case, &caller) {
                ensure_eq!(span.context().is_random(), random, "whether the trace id is random");
            }
        }
    }
    Ok(())
}

fn the_trace_state_survives(case: &Case) -> Checked {
    for sampling in ALL {
        let caller = full()?.with_sampling(sampling);
        for span in &chain(case, &caller) {
            ensure_eq!(span.context().trace_state(), caller.trace_state(), "the trace state");
        }
    }
    Ok(())
}

fn the_trace_state_is_sent_on(case: &Case) -> Checked {
    for sampling in ALL {
        let caller = full()?.with_sampling(sampling);
        let direct = received(case, &written(case, &caller));
        ensure_eq!(direct.trace_state(), caller.trace_state(), "the trace state that arrives");
        for span in &chain(case, &caller) {
            let sent = received(case, &headers(span));
            ensure_eq!(sent.trace_state(), caller.trace_state(), "the trace state that arrives from a span");
        }
    }
    Ok(())
}
