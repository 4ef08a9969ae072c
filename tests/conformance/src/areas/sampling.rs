//! Sampling decisions and requests.

use anytrace_api::{
    self as trace, Context, Event, Link, Sampling, SpanRef, StartedSpan, Status, TraceContext,
    suppression::suppressed,
};

use crate::areas::{
    baggage::to_message,
    checks,
    propagation::{full, headers, received, written},
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Sampling:
    a_root_is_recorded_and_is_recording [Recording];
    spans_of_a_sampled_caller_are_recorded [Recording];
    spans_of_an_unsampled_caller_are_not_recorded [Recording, ParentSampling];
    the_backend_decides_when_the_caller_deferred [Recording];
    an_unrecorded_span_has_the_ids_of_its_parent [];
    children_of_an_unrecorded_span_keep_its_context [];
    a_sampling_decision_holds_for_all_descendants [];
    updates_of_an_unrecorded_span_are_harmless [];
    injected_headers_name_the_last_recorded_span [Propagation];
    injected_headers_contain_the_sampling_decision [Propagation, SampledFlag];
    a_request_to_record_is_honoured [Recording, SamplingRequests];
    a_request_to_drop_is_honoured [Recording, SamplingRequests];
    a_debug_request_holds_for_all_descendants [Recording, SamplingRequests];
    the_random_flag_reaches_all_descendants [];
    the_trace_state_reaches_all_descendants [];
    the_trace_state_is_propagated [TraceStatePropagation];
}

const ALL: [Sampling; 4] = [Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug];

/// Returns five spans, each a child of the one before: a joined span, a child, a child of the current span, a span that
/// joins that child, and a suppressed child.
fn chain(case: &Case, parent: &Context) -> Vec<StartedSpan> {
    let span = case.tracer().join_trace("joined", parent);
    let child = span.start_child("child");
    let grandchild = child.in_scope(|| trace::start_span("grandchild"));
    let joined = case.tracer().join_trace("joins", &grandchild);
    let suppressed_child = suppressed(|| joined.start_child("suppressed"));
    vec![span, child, grandchild, joined, suppressed_child]
}

fn a_root_is_recorded_and_is_recording(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    ensure!(span.is_recording() && span.reference().is_recording(), "a root is not recording");
    ensure!(span.in_scope(trace::is_recording), "the current span is not recording");
    ensure!(span.start_child("child").is_recording(), "a child is not recording");
    ensure_eq!(span.context().sampling().is_sampled(), Some(true), "the sampling decision of a root");
    span.finish();
    case.spans(["span", "child"]).map(|_| ())
}

fn spans_of_a_sampled_caller_are_recorded(case: &Case) -> Checked {
    let chain = chain(case, &caller());
    for span in &chain[..4] {
        ensure!(span.is_recording(), "a descendant of a sampled caller is not recording");
        ensure_eq!(span.context().sampling(), Sampling::Record, "the sampling decision");
    }
    drop(chain);
    let [joined, child, grandchild, joins] = case.spans(["joined", "child", "grandchild", "joins"])?;
    for (span, parent) in [(&child, &joined), (&grandchild, &child), (&joins, &grandchild)] {
        ensure_eq!(span.parent, Some(parent.span_id), "the parent of {:?}", span.name);
    }
    Ok(())
}

fn spans_of_an_unsampled_caller_are_not_recorded(case: &Case) -> Checked {
    let chain = chain(case, &caller().with_sampling(Sampling::Drop));
    for span in &chain {
        ensure!(!span.is_recording(), "a descendant of an unsampled caller is recording");
        ensure_eq!(span.context().sampling(), Sampling::Drop, "the sampling decision");
    }
    drop(chain);
    case.no_spans()
}

fn the_backend_decides_when_the_caller_deferred(case: &Case) -> Checked {
    let span = case.tracer().join_trace("joined", &caller().with_sampling(Sampling::Defer));
    ensure_eq!(span.context().sampling().is_sampled(), Some(true), "the sampling decision");
    let child = span.start_child("child");
    ensure_eq!(child.context().sampling().is_sampled(), Some(true), "the sampling decision of the child");
    child.finish();
    span.finish();
    let [joined, child] = case.spans(["joined", "child"])?;
    ensure_eq!(Some(joined.trace_id), caller().trace_id(), "the trace");
    ensure_eq!(joined.parent, caller().span_id(), "the parent");
    ensure_eq!(child.parent, Some(joined.span_id), "the parent of the child");
    Ok(())
}

/// Downstream spans become children of the last recorded span, not of a span that is in no backend.
fn an_unrecorded_span_has_the_ids_of_its_parent(case: &Case) -> Checked {
    for sampling in ALL {
        let caller = caller().with_sampling(sampling);
        let chain = chain(case, &caller);
        let mut last = caller.ids();
        for span in &chain {
            let ids = span.context().ids();
            ensure_eq!(ids.unzip().0, caller.trace_id(), "the trace");
            ensure_eq!(ids != last, span.is_recording(), "whether the span has ids of its own");
            last = ids;
        }
    }
    Ok(())
}

fn children_of_an_unrecorded_span_keep_its_context(case: &Case) -> Checked {
    let (with_ids, wish) =
        (full()?.with_sampling(Sampling::Drop), Context::EMPTY.with_sampling(Sampling::Drop));
    for parent in [with_ids, wish] {
        let chain = chain(case, &parent);
        for pair in chain.windows(2).filter(|pair| !pair[0].is_recording()) {
            let (parent, child) = (pair[0].context(), pair[1].context());
            ensure!(!pair[1].is_recording(), "a descendant of an unrecorded span is recording");
            ensure_eq!(child.ids(), parent.ids(), "the ids");
            ensure_eq!(child.sampling(), parent.sampling(), "the sampling decision");
            ensure_eq!(child.trace_state(), parent.trace_state(), "the trace state");
            ensure_eq!(child.baggage(), parent.baggage(), "the baggage");
        }
    }
    Ok(())
}

fn a_sampling_decision_holds_for_all_descendants(case: &Case) -> Checked {
    for sampling in ALL {
        for parent in [caller().with_sampling(sampling), Context::EMPTY.with_sampling(sampling)] {
            let chain = chain(case, &parent);
            for span in &chain {
                let (first, here) = (chain[0].context().sampling(), span.context().sampling());
                ensure_eq!(here, first, "the sampling decision of a descendant of {sampling:?}");
            }
        }
    }
    Ok(())
}

fn updates_of_an_unrecorded_span_are_harmless(case: &Case) -> Checked {
    for parent in [caller().with_sampling(Sampling::Drop), Context::EMPTY.with_sampling(Sampling::Drop)] {
        let mut chain = chain(case, &parent);
        for span in chain.iter_mut().filter(|span| !span.is_recording()) {
            span.set_tag("key", 1).event("event").event_with(Event::new("event"));
            span.link(Link::to(&caller()))
                .set_status(Status::failed())
                .record_error("failed")
                .set_name("other");
            span.set_baggage("key", "value").map_err(to_message)?;
            drop(span.native());
            span.in_scope(|| {
                trace::set_tag("key", 2);
                trace::event("event");
                trace::set_name("other");
                ensure!(!trace::is_recording(), "the current span is recording");
                Ok(())
            })?;
        }
        if case.can(Capability::Recording) && chain.iter().all(|span| !span.is_recording()) {
            drop(chain);
            case.no_spans()?;
        }
    }
    Ok(())
}

fn injected_headers_name_the_last_recorded_span(case: &Case) -> Checked {
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

fn injected_headers_contain_the_sampling_decision(case: &Case) -> Checked {
    for decided in [Sampling::Drop, Sampling::Record, Sampling::Debug] {
        for span in &chain(case, &caller().with_sampling(decided)) {
            // A backend without `ParentSampling` may record anyway; its headers then say so.
            let expected = span.is_recording() || decided != Sampling::Drop;
            let sampled = received(case, &headers(span)).sampling().is_sampled();
            ensure_eq!(sampled, Some(expected), "the sampling decision in the headers of {decided:?}");
        }
    }
    Ok(())
}

fn a_request_to_record_is_honoured(case: &Case) -> Checked {
    let span = case.tracer().join_trace("root", &Context::EMPTY.with_sampling(Sampling::Record));
    ensure_eq!(span.context().sampling(), Sampling::Record, "the sampling decision");
    span.finish();
    ensure_eq!(case.span("root")?.parent, None, "the parent of a root");
    Ok(())
}

fn a_request_to_drop_is_honoured(case: &Case) -> Checked {
    let wish = Context::EMPTY.with_sampling(Sampling::Drop);
    let chain = chain(case, &wish);
    ensure!(
        chain.iter().all(|span| !span.is_recording()),
        "a span is recording although the context asks to drop it"
    );
    SpanRef::from(wish).in_scope(|| trace::start_span("in scope").start_child("child").finish());
    drop(chain);
    case.no_spans()
}

fn a_debug_request_holds_for_all_descendants(case: &Case) -> Checked {
    for parent in [Context::EMPTY, caller()] {
        let chain = chain(case, &parent.with_sampling(Sampling::Debug));
        for span in &chain {
            ensure_eq!(span.context().sampling(), Sampling::Debug, "the sampling decision");
        }
        ensure!(
            chain[..4].iter().all(|span| span.is_recording()),
            "a span of a debug request is not recording"
        );
    }
    ensure_eq!(case.recorded().len(), 8, "the number of recorded spans");
    Ok(())
}

fn the_random_flag_reaches_all_descendants(case: &Case) -> Checked {
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

fn the_trace_state_reaches_all_descendants(case: &Case) -> Checked {
    for sampling in ALL {
        let caller = full()?.with_sampling(sampling);
        for span in &chain(case, &caller) {
            ensure_eq!(span.context().trace_state(), caller.trace_state(), "the trace state");
        }
    }
    Ok(())
}

fn the_trace_state_is_propagated(case: &Case) -> Checked {
    for sampling in ALL {
        let caller = full()?.with_sampling(sampling);
        let direct = received(case, &written(case, &caller));
        ensure_eq!(direct.trace_state(), caller.trace_state(), "the extracted trace state");
        for span in &chain(case, &caller) {
            let sent = received(case, &headers(span));
            ensure_eq!(
                sent.trace_state(),
                caller.trace_state(),
                "the trace state extracted from a span's headers"
            );
        }
    }
    Ok(())
}
