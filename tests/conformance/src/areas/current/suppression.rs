//! Suppression: no span is recorded, and contexts are still propagated.

use std::{
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
};

use anytrace_api::{
    self as trace, TraceContext,
    suppression::{suppressed, suppressed_scope},
};

use crate::areas::{
    checks,
    current::{caller_number, is_current, no_span_is_current, request},
    other_tracer::OtherTracer,
};
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Current:
    nothing_is_recorded_while_suppressed [];
    suppression_ends_with_its_closure_or_guard [Recording];
    suppression_ends_with_a_panic [Recording];
    nested_suppression_ends_with_the_last_guard [Recording];
    suppressed_spans_keep_the_context_of_their_parent [];
    spans_can_be_current_while_suppressed [];
    a_call_made_while_suppressed_propagates_the_trace [Propagation];
    a_span_that_ends_while_suppressed_is_recorded [Recording];
}

fn nothing_is_recorded_while_suppressed(case: &Case) -> Checked {
    suppressed(|| {
        let started = [
            trace::start_span("span"),
            trace::start_trace("trace"),
            trace::join_trace("joined", &caller_number(1)),
            case.tracer().start_span("span by the tracer"),
            case.tracer().start_trace("trace by the tracer"),
            case.tracer().join_trace("joined by the tracer", &caller_number(1)),
        ];
        for span in started {
            ensure!(!span.is_recording(), "{span:?} is recording");
            ensure!(!span.start_child("child").is_recording(), "a child of {span:?} is recording");
            span.run(|| {
                ensure!(!trace::start_span("below").is_recording(), "a span started inside is recording");
                Ok::<_, String>(())
            })?;
        }
        let other_tracer = OtherTracer::default();
        trace::with_tracer(&other_tracer.handle(), || {
            trace::start_span("other_span").finish();
            trace::start_trace("other_span").finish();
        });
        ensure!(other_tracer.started().is_empty(), "a scoped tracer is called while suppressed");
        Ok(())
    })?;
    case.no_spans()
}

fn suppression_ends_with_its_closure_or_guard(case: &Case) -> Checked {
    trace::start_span("parent").run(|| {
        suppressed(|| trace::start_span("suppressed").finish());
        trace::start_span("after the closure").finish();
        let scope = suppressed_scope();
        trace::start_span("suppressed").finish();
        drop(scope);
        trace::start_span("after the guard").finish();
    });
    let [parent, first, second] = case.spans(["parent", "after the closure", "after the guard"])?;
    ensure_eq!((first.parent, second.parent), (Some(parent.span_id), Some(parent.span_id)), "the parents");
    Ok(())
}

fn suppression_ends_with_a_panic(case: &Case) -> Checked {
    let work = || suppressed(|| panic::resume_unwind(Box::new("on purpose")));
    ensure!(panic::catch_unwind(work).is_err(), "the panic does not propagate");
    let guarded = || {
        let _scope = suppressed_scope();
        panic::resume_unwind(Box::new("on purpose"))
    };
    ensure!(panic::catch_unwind(AssertUnwindSafe(guarded)).is_err(), "the panic does not propagate");
    trace::start_span("recorded").finish();
    case.span("recorded").map(|_| ())
}

fn nested_suppression_ends_with_the_last_guard(case: &Case) -> Checked {
    suppressed(|| {
        suppressed(|| trace::start_span("suppressed").finish());
        trace::start_span("still suppressed").finish();
    });
    let (outer, inner) = (suppressed_scope(), suppressed_scope());
    drop(outer);
    trace::start_span("suppressed by the inner guard").finish();
    drop(inner);
    trace::start_span("recorded").finish();
    case.span("recorded").map(|_| ())
}

fn suppressed_spans_keep_the_context_of_their_parent(case: &Case) -> Checked {
    let span = request(case, 1);
    let ids = span.context().ids();
    span.in_scope(|| {
        suppressed(|| {
            let beneath = trace::start_span("the grandchild");
            ensure_eq!(beneath.context().ids(), ids, "the ids of a child of the current span");
            ensure_eq!(beneath.start_child("child").context().ids(), ids, "the ids of a grandchild");
            ensure_eq!(span.start_child("child").context().ids(), ids, "the ids of an explicit child");
            let joined = case.tracer().join_trace("joined", &caller_number(2));
            ensure_eq!(joined.context().ids(), caller_number(2).ids(), "the ids of a joined caller");
            ensure!(
                trace::start_trace("new").trace_id() != span.trace_id(),
                "a new trace has the id of the current trace"
            );
            Ok(())
        })
    })
}

fn spans_can_be_current_while_suppressed(case: &Case) -> Checked {
    let (outer, inner) = (request(case, 1), request(case, 2));
    outer.in_scope(|| {
        suppressed(|| {
            is_current(&outer, "while suppressed")?;
            inner.in_scope(|| is_current(&inner, "entered while suppressed"))?;
            is_current(&outer, "while suppressed, after the inner scope")
        })?;
        is_current(&outer, "after suppression")
    })?;
    suppressed(|| no_span_is_current("while suppressed without a current span"))
}

fn a_call_made_while_suppressed_propagates_the_trace(case: &Case) -> Checked {
    let span = request(case, 1);
    let mut carrier = HashMap::<String, String>::new();
    span.in_scope(|| suppressed(|| trace::start_span("call").inject(&mut carrier)));
    let arrived = case.tracer().extract(&carrier);
    ensure_eq!(arrived.context().ids(), span.context().ids(), "the extracted ids");
    Ok(())
}

fn a_span_that_ends_while_suppressed_is_recorded(case: &Case) -> Checked {
    let span = trace::start_span("span");
    suppressed(|| span.finish());
    case.span("span").map(|_| ())
}
