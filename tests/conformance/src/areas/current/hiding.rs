//! What hides what is around it: tracers of a scope, other backends' spans, empty spans.

use anytrace_api::{
    self as trace, Context, SpanRef, StartedSpan, TraceContext, TracerHandle, current_span, tracer,
};

use crate::areas::{
    checks,
    current::{caller_number, is_current, nothing_is_current, request},
    neighbour::Neighbour,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    a_scoped_tracer_hides_outer_spans_and_gives_them_back [];
    a_scoped_tracer_starts_what_is_started_in_its_scope [];
    this_tracer_in_a_scope_hides_the_spans_of_another [];
    a_scope_without_a_tracer_switches_tracing_off [];
    the_tracer_in_force_is_the_one_of_the_nearest_scope [];
    a_current_span_of_another_back_end_has_children_of_that [];
    the_nearest_span_decides_by_its_own_back_end [Recording];
    an_explicit_parent_may_be_of_another_back_end [];
    an_empty_span_that_is_entered_hides_what_is_around_it [];
    what_starts_in_an_empty_span_is_a_root [Recording];
    an_empty_context_can_be_current [];
}

fn a_scoped_tracer_hides_outer_spans_and_gives_them_back(case: &Case) -> Checked {
    let outer = request(case, 1);
    let neighbour = Neighbour::default();
    outer.in_scope(|| {
        for tracer in [TracerHandle::none(), neighbour.handle()] {
            trace::with_tracer(&tracer, || nothing_is_current("in the scope of another tracer"))?;
            is_current(&outer, "after the scope of another tracer")?;
            let scope = trace::tracer_scope(&tracer);
            nothing_is_current("while its guard lives")?;
            drop(scope);
            is_current(&outer, "after its guard")?;
        }
        Ok(())
    })
}

fn a_scoped_tracer_starts_what_is_started_in_its_scope(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    trace::with_tracer(&neighbour.handle(), || {
        trace::start_span("a").run(|| trace::start_span("b").finish());
        trace::start_trace("c").finish();
        trace::join_trace("d", &caller_number(1)).finish();
    });
    ensure_eq!(neighbour.started(), ["a", "b", "c", "d"], "what it started");
    case.nothing()?;
    drop(trace::start_span("e"));
    ensure_eq!(neighbour.started().len(), 4, "how many it started after its scope");
    if case.can(Capability::Recording) {
        case.span("e")?;
    }
    Ok(())
}

fn this_tracer_in_a_scope_hides_the_spans_of_another(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    let theirs = neighbour.handle().start_trace("theirs");
    theirs.in_scope(|| {
        trace::with_tracer(case.tracer(), || {
            nothing_is_current("in the scope of this tracer")?;
            let ours = trace::start_span("ours");
            ensure!(ours.trace_id() != theirs.trace_id(), "what is hidden is continued");
            ours.finish();
            let joined = request(case, 1);
            joined.in_scope(|| is_current(&joined, "in the scope of this tracer"))
        })?;
        is_current(&theirs, "after the scope of this tracer")
    })?;
    ensure_eq!(neighbour.started(), ["theirs"], "what the other tracer started");
    if case.can(Capability::Recording) {
        let [ours, _] = case.spans(["ours", "request 1"])?;
        ensure_eq!(ours.parent, None, "the parent of what starts there");
    }
    Ok(())
}

fn a_scope_without_a_tracer_switches_tracing_off(case: &Case) -> Checked {
    trace::with_tracer(&TracerHandle::none(), || {
        let started = [
            trace::start_span("a"),
            trace::start_trace("b"),
            trace::join_trace("c", &caller_number(1)),
            tracer().start_span("d"),
        ];
        ensure!(
            started.iter().all(|span| !span.is_recording()),
            "a span is recorded where there is no tracer"
        );
        Ok(())
    })?;
    case.nothing()
}

fn the_tracer_in_force_is_the_one_of_the_nearest_scope(case: &Case) -> Checked {
    let [outer, inner] = [Neighbour::default(), Neighbour::default()];
    trace::with_tracer(&outer.handle(), || {
        trace::with_tracer(&inner.handle(), || tracer().start_trace("inner").finish());
        trace::with_tracer(case.tracer(), || tracer().start_trace("ours").finish());
        tracer().start_trace("outer").finish();
    });
    ensure_eq!(
        (outer.started(), inner.started()),
        (vec!["outer".into()], vec!["inner".into()]),
        "who started what"
    );
    if case.can(Capability::Recording) {
        case.span("ours")?;
    }
    Ok(())
}

fn a_current_span_of_another_back_end_has_children_of_that(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    let theirs = neighbour.handle().start_trace("theirs");
    let outer = request(case, 1);
    outer.in_scope(|| {
        theirs.in_scope(|| {
            is_current(&theirs, "within a span of this tracer")?;
            trace::start_span("child").run(|| trace::start_span("grandchild").finish());
            Ok::<_, String>(())
        })?;
        is_current(&outer, "after the other's span")
    })?;
    ensure_eq!(neighbour.started(), ["theirs", "child", "grandchild"], "what the other tracer started");
    case.nothing()
}

fn the_nearest_span_decides_by_its_own_back_end(case: &Case) -> Checked {
    let neighbour = Neighbour::default();
    trace::with_tracer(&neighbour.handle(), || {
        case.tracer().start_trace("ours").run(|| trace::start_span("child").finish());
        trace::start_span("theirs").finish();
    });
    ensure_eq!(neighbour.started(), ["theirs"], "what the other tracer started");
    let [ours, child] = case.spans(["ours", "child"])?;
    ensure_eq!(child.parent, Some(ours.span_id), "the parent");
    Ok(())
}

fn an_explicit_parent_may_be_of_another_back_end(case: &Case) -> Checked {
    let theirs = Neighbour::default().handle().start_trace("theirs");
    let joined = case.tracer().join_trace("joined", &theirs);
    ensure_eq!(joined.trace_id(), theirs.trace_id(), "the trace");
    joined.in_scope(|| is_current(&joined, "beneath another backend's span"))?;
    joined.finish();
    if case.can(Capability::Recording) {
        ensure_eq!(case.span("joined")?.parent, theirs.span_id(), "the parent");
    }
    Ok(())
}

fn an_empty_span_that_is_entered_hides_what_is_around_it(case: &Case) -> Checked {
    let outer = request(case, 1);
    outer.in_scope(|| {
        let inside = || nothing_is_current("in an empty span");
        SpanRef::none().in_scope(inside)?;
        StartedSpan::none().run(inside)?;
        StartedSpan::none().into_polled().run(inside)?;
        TracerHandle::none().start_trace("nothing").run(inside)?;
        let taken = SpanRef::none().in_scope(current_span);
        ensure!(taken.is_none(), "{taken:?} is current in an empty span");
        let guard = SpanRef::none().enter();
        ensure!(trace::start_span("other").trace_id() != outer.trace_id(), "what is hidden is continued");
        drop(guard);
        is_current(&outer, "after the empty ones")
    })
}

fn what_starts_in_an_empty_span_is_a_root(case: &Case) -> Checked {
    trace::start_span("outer").run(|| SpanRef::none().in_scope(|| trace::start_span("root").finish()));
    let [outer, root] = case.spans(["outer", "root"])?;
    ensure_eq!(root.parent, None, "the parent of what starts in an empty span");
    ensure!(root.trace_id != outer.trace_id, "a root is in the trace that is hidden");
    Ok(())
}

fn an_empty_context_can_be_current(case: &Case) -> Checked {
    let outer = request(case, 1);
    outer.in_scope(|| {
        SpanRef::from(Context::EMPTY).in_scope(|| nothing_is_current("in an empty context"))?;
        is_current(&outer, "after an empty context")
    })?;
    ensure_eq!(current_span().context(), &Context::EMPTY, "the context where nothing is current");
    Ok(())
}
