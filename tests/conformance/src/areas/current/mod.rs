//! The current span.

pub(crate) mod guards;
pub(crate) mod parents;
pub(crate) mod scoped_tracers;
pub(crate) mod snapshots;
pub(crate) mod suppression;

use anytrace_api::{
    self as trace, Context, Kind, Operation, Sampling, SpanId, SpanRef, StartedSpan, Status, TraceContext,
    TraceId, current_ids, current_span,
};

use crate::areas::{checks, spans::caller};
use crate::{
    Capability, RecordedSpan, RecordedStatus, RecordedValue,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    no_span_is_current_at_first [];
    a_span_is_current_only_within_its_scope [];
    starting_a_span_does_not_make_it_current [];
    nested_scopes_restore_the_outer_span [];
    a_span_may_be_entered_twice [];
    an_ended_span_stays_current_until_its_scope_ends [];
    an_unrecorded_span_can_be_current [];
    the_current_context_is_injected [Propagation];
    log_lines_have_the_ids_of_the_current_span [];
    updates_of_the_current_span_reach_only_that_span [Recording, Tags];
    is_recording_reports_the_current_span [Recording];
    updates_without_a_current_span_are_harmless [];
}

/// Returns the context of a sampled caller in another process, with ids derived from `number`.
pub(crate) fn caller_number(number: u64) -> Context {
    let id = 0xca11_0000 + number;
    Context::remote(
        TraceId::from_u128(id.into()).expect("not zero"),
        SpanId::from_u64(id).expect("not zero"),
        Sampling::Record,
    )
}

/// Starts a span in the trace of that caller. Its trace id identifies it even if the backend records nothing.
pub(crate) fn request(case: &Case, number: u64) -> StartedSpan {
    case.tracer().join_trace(&format!("request {number}"), &caller_number(number))
}

pub(crate) fn is_current(span: &SpanRef, when: &str) -> Checked {
    ensure!(span.context().ids().is_some(), "the span has no ids although its caller has");
    ensure_eq!(current_span().context().ids(), span.context().ids(), "the ids of the current span {when}");
    ensure_eq!(current_ids(), span.context().ids(), "current_ids {when}");
    Ok(())
}

pub(crate) fn no_span_is_current(when: &str) -> Checked {
    ensure_eq!(current_ids(), None, "current_ids {when}");
    ensure!(current_span().is_none(), "{:?} is current {when}", current_span());
    Ok(())
}

/// Returns true if the span has the tag exactly once, with this text.
pub(crate) fn has(span: &RecordedSpan, key: &str, value: &str) -> bool {
    let mut under = span.tags.iter().filter(|(known, _)| known == key);
    under.next().is_some_and(|(_, recorded)| *recorded == RecordedValue::Text(value.to_owned()))
        && under.next().is_none()
}

fn no_span_is_current_at_first(_: &Case) -> Checked {
    no_span_is_current("at first")?;
    ensure!(!trace::is_recording(), "is_recording is true without a current span");
    Ok(())
}

fn a_span_is_current_only_within_its_scope(case: &Case) -> Checked {
    let span = request(case, 1);
    let scope = span.enter();
    is_current(&span, "in a scope")?;
    drop(scope);
    no_span_is_current("after a scope")?;
    span.in_scope(|| is_current(&span, "in a closure"))?;
    no_span_is_current("after a closure")?;
    let context = span.context().clone();
    span.run(|| is_current(&SpanRef::from(context), "in the closure that ends it"))?;
    no_span_is_current("after the closure that ended it")
}

fn starting_a_span_does_not_make_it_current(case: &Case) -> Checked {
    let span = request(case, 1);
    no_span_is_current("after starting a span")?;
    let child = span.start_child("child");
    no_span_is_current("after starting a child")?;
    span.in_scope(|| {
        let started = trace::start_span("started");
        is_current(&span, "after starting a child of the current span")?;
        drop(started);
        is_current(&span, "after the end of the child")
    })?;
    drop((child, span));
    no_span_is_current("after all ends")
}

fn nested_scopes_restore_the_outer_span(case: &Case) -> Checked {
    let [a, b, c] = [1, 2, 3].map(|number| request(case, number));
    a.in_scope(|| {
        b.in_scope(|| {
            c.in_scope(|| is_current(&c, "innermost"))?;
            is_current(&b, "after the innermost scope")
        })?;
        is_current(&a, "after the inner scopes")?;
        c.in_scope(|| is_current(&c, "again"))?;
        is_current(&a, "at the end")
    })?;
    no_span_is_current("after all scopes")
}

fn a_span_may_be_entered_twice(case: &Case) -> Checked {
    let (a, b) = (request(case, 1), request(case, 2));
    let first = a.enter();
    let between = b.enter();
    let second = a.enter();
    drop(first);
    is_current(&a, "in its second scope")?;
    drop(second);
    is_current(&b, "between")?;
    drop(between);
    no_span_is_current("after all scopes")
}

fn an_ended_span_stays_current_until_its_scope_ends(case: &Case) -> Checked {
    let span = request(case, 1);
    let reference = span.reference();
    let scope = span.enter();
    span.finish();
    is_current(&reference, "after the end of the span")?;
    let late = trace::start_span("late");
    ensure_eq!(late.trace_id(), reference.trace_id(), "the trace of a span started then");
    late.finish();
    drop(scope);
    no_span_is_current("after the scope")?;
    if case.can(Capability::Recording) {
        let [ended, late] = case.spans(["request 1", "late"])?;
        ensure_eq!(late.parent, Some(ended.span_id), "the parent of the late child");
    }
    Ok(())
}

fn an_unrecorded_span_can_be_current(case: &Case) -> Checked {
    let unsampled = case.tracer().join_trace("unsampled", &caller().with_sampling(Sampling::Drop));
    let (trace, recorded) = (unsampled.trace_id(), unsampled.is_recording());
    unsampled.in_scope(|| {
        is_current(&unsampled, "in the scope of an unrecorded span")?;
        ensure_eq!(trace::is_recording(), recorded, "is_recording of the current span");
        trace::set_tag("key", "value");
        let child = trace::start_span("child");
        ensure_eq!((child.trace_id(), child.is_recording()), (trace, recorded), "the child");
        child.run(|| {
            let grandchild = trace::start_span("grandchild");
            ensure_eq!(
                (grandchild.trace_id(), grandchild.is_recording()),
                (trace, recorded),
                "the grandchild"
            );
            Ok(())
        })
    })?;
    drop(unsampled);
    ensure_eq!(trace, caller().trace_id(), "the trace of an unrecorded span");
    if case.can(Capability::ParentSampling) {
        case.no_spans()?;
    }
    Ok(())
}

fn the_current_context_is_injected(case: &Case) -> Checked {
    let span = request(case, 1);
    let mut carrier = std::collections::HashMap::<String, String>::new();
    trace::inject(&mut carrier);
    ensure!(carrier.is_empty(), "{carrier:?} is injected without a current span");
    span.in_scope(|| trace::inject(&mut carrier));
    let arrived = case.tracer().extract(&carrier);
    ensure_eq!(arrived.context().ids(), span.context().ids(), "the extracted ids");
    Ok(())
}

fn log_lines_have_the_ids_of_the_current_span(case: &Case) -> Checked {
    let agrees = |when: &str| {
        ensure_eq!(current_ids(), current_span().context().ids(), "current_ids {when}");
        Ok::<_, String>(())
    };
    agrees("without a current span")?;
    let span = request(case, 1);
    let ids = span.context().ids();
    span.run(|| {
        agrees("in a span")?;
        trace::start_span("child").run(|| agrees("in a child"))?;
        trace::start_trace("root").run(|| agrees("in another trace"))?;
        trace::suppression::suppressed(|| agrees("while suppressed"))?;
        ensure_eq!(current_ids(), ids, "the ids of the span");
        Ok(())
    })?;
    agrees("afterwards")
}

fn updates_of_the_current_span_reach_only_that_span(case: &Case) -> Checked {
    trace::start_span(Operation::new("outer".into(), Kind::Internal)).run(|| {
        trace::set_tag("free", "outer");
        trace::start_span("inner").run(|| {
            trace::set_tag("free", "inner");
            trace::set_tags(&trace::tags! { "several" => "inner" });
            current_span().set_tag("by reference", "inner");
            trace::event("inner");
            trace::set_status(Status::error("inner"));
        });
        current_span().set_tag("by reference", "outer");
        if case.can(Capability::Renaming) {
            trace::set_name("renamed");
        }
    });
    let outer = if case.can(Capability::Renaming) { "renamed" } else { "outer" };
    let [outer, inner] = case.spans([outer, "inner"])?;
    for (span, name) in [(&outer, "outer"), (&inner, "inner")] {
        ensure!(has(span, "free", name) && has(span, "by reference", name), "{name} has {:?}", span.tags);
    }
    ensure!(has(&inner, "several", "inner") && outer.tag("several").is_none(), "{:?}", outer.tags);
    if case.can(Capability::Events) {
        ensure_eq!((outer.events.len(), inner.events.len()), (0, 1), "the number of events");
    }
    if case.can(Capability::Status) {
        let error = Some(RecordedStatus::Error("inner".to_owned()));
        ensure_eq!((outer.status, inner.status), (None, error), "the statuses");
    }
    Ok(())
}

fn is_recording_reports_the_current_span(_: &Case) -> Checked {
    ensure!(!trace::is_recording(), "is_recording is true without a current span");
    trace::start_span("span").run(|| {
        ensure!(trace::is_recording() && current_span().is_recording(), "the span is not recording");
        SpanRef::none().in_scope(|| {
            ensure!(!trace::is_recording(), "an empty span is recording");
            Ok(())
        })
    })
}

fn updates_without_a_current_span_are_harmless(case: &Case) -> Checked {
    trace::set_tag("key", "value");
    trace::set_tags(&trace::tags! { "key" => 1 });
    trace::set_name("name");
    trace::set_status(Status::Ok);
    trace::event("event");
    trace::record_error("error");
    trace::link(trace::Link::to(&caller()));
    ensure!(trace::set_baggage("key", "value").is_err(), "set_baggage succeeds without a current span");
    no_span_is_current("afterwards")?;
    case.no_spans()
}
