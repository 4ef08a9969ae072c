//! Parents: children of the current span, explicit parents, and new traces.

use anytrace_api::{self as trace, SpanRef, TraceContext, current_ids, current_span};

use crate::areas::{
    checks,
    current::{is_current, no_span_is_current, request},
    spans::caller,
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    a_span_started_in_a_scope_continues_its_trace [];
    a_started_span_is_a_child_of_the_current_one [Recording];
    spans_started_one_after_another_are_siblings [Recording];
    start_span_on_a_tracer_uses_the_current_span_as_parent [Recording];
    start_span_without_a_current_span_starts_a_trace [Recording];
    a_new_trace_does_not_change_the_current_span [];
    a_new_trace_ignores_the_current_span [Recording];
    an_explicit_parent_wins_over_the_current_span [];
    the_current_span_can_be_joined [];
    a_context_without_a_live_span_can_be_current_and_is_joined [];
}

fn a_span_started_in_a_scope_continues_its_trace(case: &Case) -> Checked {
    let (a, b) = (request(case, 1), request(case, 2));
    a.in_scope(|| {
        let in_a = trace::start_span("in a");
        ensure_eq!(in_a.trace_id(), a.trace_id(), "the trace of a span started in a");
        let in_b = b.in_scope(|| trace::start_span("in b"));
        ensure_eq!(in_b.trace_id(), b.trace_id(), "the trace of a span started in b");
        ensure_eq!(trace::start_span("a again").trace_id(), a.trace_id(), "the trace after b's scope");
        ensure_eq!(case.tracer().start_span("by the tracer").trace_id(), a.trace_id(), "by the tracer");
        Ok(())
    })
}

fn a_started_span_is_a_child_of_the_current_one(case: &Case) -> Checked {
    trace::start_span("a").run(|| {
        trace::start_span("b").run(|| trace::start_span("c").finish());
        trace::start_span("d").finish();
    });
    let [a, b, c, d] = case.spans(["a", "b", "c", "d"])?;
    ensure_eq!((a.parent, b.parent), (None, Some(a.span_id)), "the parents of a and b");
    ensure_eq!((c.parent, d.parent), (Some(b.span_id), Some(a.span_id)), "the parents of c and d");
    for span in [b, c, d] {
        ensure_eq!(span.trace_id, a.trace_id, "the trace of {:?}", span.name);
    }
    Ok(())
}

fn spans_started_one_after_another_are_siblings(case: &Case) -> Checked {
    let parent = trace::start_span("parent").entered();
    trace::start_span("first").finish();
    let second = trace::start_span("second");
    let third = trace::start_span("third");
    drop((third, second));
    parent.finish();
    let [parent, first, second, third] = case.spans(["parent", "first", "second", "third"])?;
    for span in [first, second, third] {
        ensure_eq!(span.parent, Some(parent.span_id), "the parent of {:?}", span.name);
    }
    Ok(())
}

fn start_span_on_a_tracer_uses_the_current_span_as_parent(case: &Case) -> Checked {
    let parent = case.tracer().start_span("parent");
    parent.in_scope(|| case.tracer().start_span("child").finish());
    parent.finish();
    let [parent, child] = case.spans(["parent", "child"])?;
    ensure_eq!((parent.parent, child.parent), (None, Some(parent.span_id)), "the parents");
    Ok(())
}

fn start_span_without_a_current_span_starts_a_trace(case: &Case) -> Checked {
    let open = trace::start_span("a");
    trace::start_span("b").finish();
    open.finish();
    let [a, b] = case.spans(["a", "b"])?;
    ensure_eq!((a.parent, b.parent), (None, None), "the parents");
    ensure!(a.trace_id != b.trace_id, "two roots share a trace");
    Ok(())
}

fn a_new_trace_does_not_change_the_current_span(case: &Case) -> Checked {
    let span = request(case, 1);
    span.in_scope(|| {
        let other = trace::start_trace("other");
        ensure!(other.trace_id() != span.trace_id(), "a new trace has the id of the current trace");
        let third = case.tracer().start_trace("third");
        ensure!(
            third.trace_id() != span.trace_id(),
            "a new trace of the tracer has the id of the current trace"
        );
        is_current(&span, "after starting another trace")
    })
}

fn a_new_trace_ignores_the_current_span(case: &Case) -> Checked {
    trace::start_span("a").run(|| {
        trace::start_trace("b").run(|| trace::start_span("c").finish());
        case.tracer().start_trace("d").finish();
    });
    let [a, b, c, d] = case.spans(["a", "b", "c", "d"])?;
    ensure_eq!((b.parent, c.parent, d.parent), (None, Some(b.span_id), None), "the parents of b, c and d");
    ensure!(a.trace_id != b.trace_id && a.trace_id != d.trace_id, "a new trace has the id of another trace");
    ensure_eq!(c.trace_id, b.trace_id, "the trace of c");
    Ok(())
}

fn an_explicit_parent_wins_over_the_current_span(case: &Case) -> Checked {
    let (explicit, current) = (request(case, 1), request(case, 2));
    let (explicit_id, trace) = (explicit.span_id(), explicit.trace_id());
    current.run(|| {
        let started = [
            explicit.start_child("child"),
            trace::join_trace("joined", &explicit),
            case.tracer().join_trace("joined by the tracer", explicit.context()),
        ];
        for span in started {
            ensure_eq!(span.trace_id(), trace, "the trace");
        }
        let (elsewhere, other) = (trace::join_trace("elsewhere", &caller()), caller());
        ensure_eq!(elsewhere.trace_id(), other.trace_id(), "the trace of a remote caller");
        Ok(())
    })?;
    explicit.finish();
    if case.can(Capability::Recording) {
        let names = ["child", "joined", "joined by the tracer", "elsewhere", "request 1", "request 2"];
        let [child, joined, by_tracer, elsewhere, ..] = case.spans(names)?;
        for span in [child, joined, by_tracer] {
            ensure_eq!(span.parent, explicit_id, "the parent of {:?}", span.name);
        }
        ensure_eq!(elsewhere.parent, caller().span_id(), "the remote parent");
    }
    Ok(())
}

fn the_current_span_can_be_joined(case: &Case) -> Checked {
    let span = request(case, 1);
    let taken = span.in_scope(current_span);
    let joined = case.tracer().join_trace("joined", &taken);
    ensure_eq!(joined.trace_id(), span.trace_id(), "the trace");
    let child = taken.start_child("child");
    ensure_eq!(child.trace_id(), span.trace_id(), "the trace of a child");
    drop((joined, child));
    span.finish();
    if case.can(Capability::Recording) {
        let [span, joined, child] = case.spans(["request 1", "joined", "child"])?;
        ensure_eq!((joined.parent, child.parent), (Some(span.span_id), Some(span.span_id)), "the parents");
    }
    Ok(())
}

fn a_context_without_a_live_span_can_be_current_and_is_joined(case: &Case) -> Checked {
    SpanRef::from(caller()).in_scope(|| {
        ensure_eq!(current_ids(), caller().ids(), "the current ids");
        ensure!(!trace::is_recording(), "a context without a live span is recording");
        let joined = trace::start_span("joined");
        ensure_eq!(joined.trace_id(), caller().trace_id(), "the trace");
        Ok(())
    })?;
    no_span_is_current("afterwards")?;
    if case.can(Capability::Recording) {
        let joined = case.span("joined")?;
        ensure_eq!(
            (Some(joined.trace_id), joined.parent),
            (caller().trace_id(), caller().span_id()),
            "the ids"
        );
    }
    Ok(())
}
