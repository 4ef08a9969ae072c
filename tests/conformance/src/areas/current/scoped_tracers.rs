//! Scoped tracers, spans of other backends, and empty spans, which hide outer spans.

use anytrace_api::{
    self as trace, Context, SpanRef, StartedSpan, TraceContext, TracerHandle, current_span, tracer,
};

use crate::areas::{
    checks,
    current::{caller_number, is_current, no_span_is_current, request},
    other_tracer::OtherTracer,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    a_scoped_tracer_hides_outer_spans_until_it_ends [];
    a_scoped_tracer_starts_the_spans_of_its_scope [];
    this_tracer_as_scoped_tracer_hides_spans_of_another_tracer [];
    an_empty_scoped_tracer_turns_tracing_off [];
    the_innermost_scope_decides_the_current_tracer [];
    children_of_another_backends_current_span_belong_to_that_backend [];
    the_innermost_span_starts_its_children_with_its_own_backend [Recording];
    an_explicit_parent_may_belong_to_another_backend [];
    an_entered_empty_span_hides_outer_spans [];
    a_span_started_in_an_empty_span_is_a_root [Recording];
    an_empty_context_can_be_current [];
}

fn a_scoped_tracer_hides_outer_spans_until_it_ends(case: &Case) -> Checked {
    let outer = request(case, 1);
    let other_tracer = OtherTracer::default();
    outer.in_scope(|| {
        for tracer in [TracerHandle::none(), other_tracer.handle()] {
            trace::with_tracer(&tracer, || no_span_is_current("in the scope of another tracer"))?;
            is_current(&outer, "after the scope of another tracer")?;
            let scope = trace::tracer_scope(&tracer);
            no_span_is_current("while its guard is open")?;
            drop(scope);
            is_current(&outer, "after its guard")?;
        }
        Ok(())
    })
}

fn a_scoped_tracer_starts_the_spans_of_its_scope(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    trace::with_tracer(&other_tracer.handle(), || {
        trace::start_span("a").run(|| trace::start_span("b").finish());
        trace::start_trace("c").finish();
        trace::join_trace("d", &caller_number(1)).finish();
    });
    ensure_eq!(other_tracer.started(), ["a", "b", "c", "d"], "the spans of the scoped tracer");
    case.no_spans()?;
    drop(trace::start_span("e"));
    ensure_eq!(other_tracer.started().len(), 4, "the number of spans the scoped tracer started");
    if case.can(Capability::Recording) {
        case.span("e")?;
    }
    Ok(())
}

fn this_tracer_as_scoped_tracer_hides_spans_of_another_tracer(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    let other_span = other_tracer.handle().start_trace("other_span");
    other_span.in_scope(|| {
        trace::with_tracer(case.tracer(), || {
            no_span_is_current("in the scope of this tracer")?;
            let this_span = trace::start_span("this_span");
            ensure!(
                this_span.trace_id() != other_span.trace_id(),
                "a span continues the trace of a hidden span"
            );
            this_span.finish();
            let joined = request(case, 1);
            joined.in_scope(|| is_current(&joined, "in the scope of this tracer"))
        })?;
        is_current(&other_span, "after the scope of this tracer")
    })?;
    ensure_eq!(other_tracer.started(), ["other_span"], "the spans of the other tracer");
    if case.can(Capability::Recording) {
        let [this_span, _] = case.spans(["this_span", "request 1"])?;
        ensure_eq!(this_span.parent, None, "the parent of a span started there");
    }
    Ok(())
}

fn an_empty_scoped_tracer_turns_tracing_off(case: &Case) -> Checked {
    trace::with_tracer(&TracerHandle::none(), || {
        let started = [
            trace::start_span("a"),
            trace::start_trace("b"),
            trace::join_trace("c", &caller_number(1)),
            tracer().start_span("d"),
        ];
        ensure!(started.iter().all(|span| !span.is_recording()), "a span is recording without a tracer");
        Ok(())
    })?;
    case.no_spans()
}

fn the_innermost_scope_decides_the_current_tracer(case: &Case) -> Checked {
    let [outer, inner] = [OtherTracer::default(), OtherTracer::default()];
    trace::with_tracer(&outer.handle(), || {
        trace::with_tracer(&inner.handle(), || tracer().start_trace("inner").finish());
        trace::with_tracer(case.tracer(), || tracer().start_trace("this_span").finish());
        tracer().start_trace("outer").finish();
    });
    ensure_eq!(
        (outer.started(), inner.started()),
        (vec!["outer".into()], vec!["inner".into()]),
        "the spans of both tracers"
    );
    if case.can(Capability::Recording) {
        case.span("this_span")?;
    }
    Ok(())
}

fn children_of_another_backends_current_span_belong_to_that_backend(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    let other_span = other_tracer.handle().start_trace("other_span");
    let outer = request(case, 1);
    outer.in_scope(|| {
        other_span.in_scope(|| {
            is_current(&other_span, "inside a span of this tracer")?;
            trace::start_span("child").run(|| trace::start_span("grandchild").finish());
            Ok::<_, String>(())
        })?;
        is_current(&outer, "after the span of the other tracer")
    })?;
    ensure_eq!(
        other_tracer.started(),
        ["other_span", "child", "grandchild"],
        "the spans of the other tracer"
    );
    case.no_spans()
}

fn the_innermost_span_starts_its_children_with_its_own_backend(case: &Case) -> Checked {
    let other_tracer = OtherTracer::default();
    trace::with_tracer(&other_tracer.handle(), || {
        case.tracer().start_trace("this_span").run(|| trace::start_span("child").finish());
        trace::start_span("other_span").finish();
    });
    ensure_eq!(other_tracer.started(), ["other_span"], "the spans of the other tracer");
    let [this_span, child] = case.spans(["this_span", "child"])?;
    ensure_eq!(child.parent, Some(this_span.span_id), "the parent");
    Ok(())
}

fn an_explicit_parent_may_belong_to_another_backend(case: &Case) -> Checked {
    let other_span = OtherTracer::default().handle().start_trace("other_span");
    let joined = case.tracer().join_trace("joined", &other_span);
    ensure_eq!(joined.trace_id(), other_span.trace_id(), "the trace");
    joined.in_scope(|| is_current(&joined, "as a child of another backend's span"))?;
    joined.finish();
    if case.can(Capability::Recording) {
        ensure_eq!(case.span("joined")?.parent, other_span.span_id(), "the parent");
    }
    Ok(())
}

fn an_entered_empty_span_hides_outer_spans(case: &Case) -> Checked {
    let outer = request(case, 1);
    outer.in_scope(|| {
        let inside = || no_span_is_current("in an empty span");
        SpanRef::none().in_scope(inside)?;
        StartedSpan::none().run(inside)?;
        StartedSpan::none().into_polled().run(inside)?;
        TracerHandle::none().start_trace("nothing").run(inside)?;
        let taken = SpanRef::none().in_scope(current_span);
        ensure!(taken.is_none(), "{taken:?} is current in an empty span");
        let guard = SpanRef::none().enter();
        ensure!(
            trace::start_span("other").trace_id() != outer.trace_id(),
            "a span continues the trace of a hidden span"
        );
        drop(guard);
        is_current(&outer, "after the empty spans")
    })
}

fn a_span_started_in_an_empty_span_is_a_root(case: &Case) -> Checked {
    trace::start_span("outer").run(|| SpanRef::none().in_scope(|| trace::start_span("root").finish()));
    let [outer, root] = case.spans(["outer", "root"])?;
    ensure_eq!(root.parent, None, "the parent of a span started in an empty span");
    ensure!(root.trace_id != outer.trace_id, "a root is in the trace of a hidden span");
    Ok(())
}

fn an_empty_context_can_be_current(case: &Case) -> Checked {
    let outer = request(case, 1);
    outer.in_scope(|| {
        SpanRef::from(Context::EMPTY).in_scope(|| no_span_is_current("in an empty context"))?;
        is_current(&outer, "after an empty context")
    })?;
    ensure_eq!(current_span().context(), &Context::EMPTY, "the context without a current span");
    Ok(())
}
