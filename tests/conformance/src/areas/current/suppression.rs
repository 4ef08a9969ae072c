//! Suppression: nothing is recorded, and contexts are carried on.

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
    current::{caller_number, is_current, nothing_is_current, request},
    neighbour::Neighbour,
};
use crate::case::{Case, Checked, ensure, ensure_eq};

checks! { Current:
    nothing_is_recorded_in_silence [];
    silence_ends_with_its_closure_or_guard [Recording];
    silence_ends_with_a_panic [Recording];
    silence_within_silence_ends_with_the_outer_one [Recording];
    silence_carries_contexts_on [];
    what_is_current_is_so_in_silence_too [];
    what_is_called_from_silence_belongs_to_the_trace [Propagation];
    a_span_from_before_is_recorded_though_it_ends_in_silence [Recording];
}

fn nothing_is_recorded_in_silence(case: &Case) -> Checked {
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
            ensure!(!span.is_recording(), "{span:?} is recorded");
            ensure!(!span.start_child("child").is_recording(), "a child of {span:?} is recorded");
            span.run(|| {
                ensure!(!trace::start_span("below").is_recording(), "what starts below is recorded");
                Ok::<_, String>(())
            })?;
        }
        let neighbour = Neighbour::default();
        trace::with_tracer(&neighbour.handle(), || {
            trace::start_span("theirs").finish();
            trace::start_trace("theirs").finish();
        });
        ensure!(neighbour.started().is_empty(), "another tracer in its scope is asked in silence");
        Ok(())
    })?;
    case.nothing()
}

fn silence_ends_with_its_closure_or_guard(case: &Case) -> Checked {
    trace::start_span("parent").run(|| {
        suppressed(|| trace::start_span("silent").finish());
        trace::start_span("after the closure").finish();
        let silence = suppressed_scope();
        trace::start_span("silent").finish();
        drop(silence);
        trace::start_span("after the guard").finish();
    });
    let [parent, first, second] = case.spans(["parent", "after the closure", "after the guard"])?;
    ensure_eq!((first.parent, second.parent), (Some(parent.span_id), Some(parent.span_id)), "the parents");
    Ok(())
}

fn silence_ends_with_a_panic(case: &Case) -> Checked {
    let work = || suppressed(|| panic::resume_unwind(Box::new("on purpose")));
    ensure!(panic::catch_unwind(work).is_err(), "the panic does not go on");
    let guarded = || {
        let _silence = suppressed_scope();
        panic::resume_unwind(Box::new("on purpose"))
    };
    ensure!(panic::catch_unwind(AssertUnwindSafe(guarded)).is_err(), "the panic does not go on");
    trace::start_span("heard").finish();
    case.span("heard").map(|_| ())
}

fn silence_within_silence_ends_with_the_outer_one(case: &Case) -> Checked {
    suppressed(|| {
        suppressed(|| trace::start_span("silent").finish());
        trace::start_span("still silent").finish();
    });
    let (outer, inner) = (suppressed_scope(), suppressed_scope());
    drop(outer);
    trace::start_span("silent by the inner one").finish();
    drop(inner);
    trace::start_span("heard").finish();
    case.span("heard").map(|_| ())
}

fn silence_carries_contexts_on(case: &Case) -> Checked {
    let span = request(case, 1);
    let ids = span.context().ids();
    span.in_scope(|| {
        suppressed(|| {
            let beneath = trace::start_span("beneath");
            ensure_eq!(beneath.context().ids(), ids, "the ids beneath what is current");
            ensure_eq!(beneath.start_child("child").context().ids(), ids, "the ids further beneath");
            ensure_eq!(span.start_child("child").context().ids(), ids, "the ids of an explicit child");
            let joined = case.tracer().join_trace("joined", &caller_number(2));
            ensure_eq!(joined.context().ids(), caller_number(2).ids(), "the ids of a joined caller");
            ensure!(
                trace::start_trace("new").trace_id() != span.trace_id(),
                "a new trace is the current one"
            );
            Ok(())
        })
    })
}

fn what_is_current_is_so_in_silence_too(case: &Case) -> Checked {
    let (outer, inner) = (request(case, 1), request(case, 2));
    outer.in_scope(|| {
        suppressed(|| {
            is_current(&outer, "in silence")?;
            inner.in_scope(|| is_current(&inner, "entered in silence"))?;
            is_current(&outer, "in silence again")
        })?;
        is_current(&outer, "after silence")
    })?;
    suppressed(|| nothing_is_current("in silence around nothing"))
}

fn what_is_called_from_silence_belongs_to_the_trace(case: &Case) -> Checked {
    let span = request(case, 1);
    let mut carrier = HashMap::<String, String>::new();
    span.in_scope(|| suppressed(|| trace::start_span("call").inject(&mut carrier)));
    let arrived = case.tracer().extract(&carrier);
    ensure_eq!(arrived.context().ids(), span.context().ids(), "the ids that arrive");
    Ok(())
}

fn a_span_from_before_is_recorded_though_it_ends_in_silence(case: &Case) -> Checked {
    let span = trace::start_span("span");
    suppressed(|| span.finish());
    case.span("span").map(|_| ())
}
