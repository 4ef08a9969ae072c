//! What is current, and what is said to it.

pub(crate) mod carrying;
pub(crate) mod guards;
pub(crate) mod hiding;
pub(crate) mod parents;
pub(crate) mod suppression;

use anytrace_api::{
    self as trace, Context, Kind, Operation, Sampling, SpanId, SpanRef, StartedSpan, Status, TraceContext,
    TraceId, current_ids, current_span,
};

use crate::areas::{checks, spans::caller};
use crate::{
    Capability, Recorded, RecordedStatus, Said,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Current:
    nothing_is_current_at_first [];
    a_span_is_current_in_its_scope_and_only_there [];
    starting_a_span_makes_nothing_current [];
    nested_scopes_give_the_outer_span_back [];
    a_span_may_be_entered_twice [];
    a_span_stays_current_after_its_end_until_its_scope_goes [];
    what_is_not_recorded_can_be_current [];
    the_current_context_is_injected [Propagation];
    log_lines_have_the_ids_of_the_current_span [];
    what_is_said_to_the_current_span_reaches_it_alone [Recording, Tags];
    whether_the_current_span_is_recorded_can_be_asked [Recording];
    what_is_said_where_nothing_is_current_is_harmless [];
}

/// A caller of another process, one for each number.
pub(crate) fn caller_number(number: u64) -> Context {
    let id = 0xca11_0000 + number;
    Context::remote(
        TraceId::from_u128(id.into()).expect("not zero"),
        SpanId::from_u64(id).expect("not zero"),
        Sampling::Record,
    )
}

/// A span in the trace of that caller, which also a backend that records nothing tells from others.
pub(crate) fn request(case: &Case, number: u64) -> StartedSpan {
    case.tracer().join_trace(&format!("request {number}"), &caller_number(number))
}

pub(crate) fn is_current(span: &SpanRef, when: &str) -> Checked {
    ensure!(span.context().ids().is_some(), "the span of a caller's trace has no ids");
    ensure_eq!(current_span().context().ids(), span.context().ids(), "the ids of what is current {when}");
    ensure_eq!(current_ids(), span.context().ids(), "the current ids {when}");
    Ok(())
}

pub(crate) fn nothing_is_current(when: &str) -> Checked {
    ensure_eq!(current_ids(), None, "the current ids {when}");
    ensure!(current_span().is_none(), "{:?} is current {when}", current_span());
    Ok(())
}

/// Whether the span has this text under `key`, and has it once.
pub(crate) fn has(span: &Recorded, key: &str, value: &str) -> bool {
    let mut under = span.tags.iter().filter(|(known, _)| known == key);
    under.next().is_some_and(|(_, said)| *said == Said::Text(value.to_owned())) && under.next().is_none()
}

fn nothing_is_current_at_first(_: &Case) -> Checked {
    nothing_is_current("at first")?;
    ensure!(!trace::is_recording(), "nothing is current, and it is recorded");
    Ok(())
}

fn a_span_is_current_in_its_scope_and_only_there(case: &Case) -> Checked {
    let span = request(case, 1);
    let scope = span.enter();
    is_current(&span, "in a scope")?;
    drop(scope);
    nothing_is_current("after a scope")?;
    span.in_scope(|| is_current(&span, "in a closure"))?;
    nothing_is_current("after a closure")?;
    let context = span.context().clone();
    span.run(|| is_current(&SpanRef::from(context), "in the closure that ends it"))?;
    nothing_is_current("after the closure that ended it")
}

fn starting_a_span_makes_nothing_current(case: &Case) -> Checked {
    let span = request(case, 1);
    nothing_is_current("after a start")?;
    let child = span.start_child("child");
    nothing_is_current("after the start of a child")?;
    span.in_scope(|| {
        let started = trace::start_span("started");
        is_current(&span, "after a start beneath it")?;
        drop(started);
        is_current(&span, "after the end of that")
    })?;
    drop((child, span));
    nothing_is_current("after the ends")
}

fn nested_scopes_give_the_outer_span_back(case: &Case) -> Checked {
    let [a, b, c] = [1, 2, 3].map(|number| request(case, number));
    a.in_scope(|| {
        b.in_scope(|| {
            c.in_scope(|| is_current(&c, "innermost"))?;
            is_current(&b, "when the innermost has gone")
        })?;
        is_current(&a, "when the inner ones have gone")?;
        c.in_scope(|| is_current(&c, "again"))?;
        is_current(&a, "at last")
    })?;
    nothing_is_current("after all scopes")
}

fn a_span_may_be_entered_twice(case: &Case) -> Checked {
    let (a, b) = (request(case, 1), request(case, 2));
    let first = a.enter();
    let between = b.enter();
    let second = a.enter();
    drop(first);
    is_current(&a, "by its second scope")?;
    drop(second);
    is_current(&b, "between")?;
    drop(between);
    nothing_is_current("after all scopes")
}

fn a_span_stays_current_after_its_end_until_its_scope_goes(case: &Case) -> Checked {
    let span = request(case, 1);
    let reference = span.reference();
    let scope = span.enter();
    span.finish();
    is_current(&reference, "after its end")?;
    let late = trace::start_span("late");
    ensure_eq!(late.trace_id(), reference.trace_id(), "the trace of what starts then");
    late.finish();
    drop(scope);
    nothing_is_current("after the scope")?;
    if case.can(Capability::Recording) {
        let [ended, late] = case.spans(["request 1", "late"])?;
        ensure_eq!(late.parent, Some(ended.span_id), "the parent of the late child");
    }
    Ok(())
}

fn what_is_not_recorded_can_be_current(case: &Case) -> Checked {
    let denied = case.tracer().join_trace("denied", &caller().with_sampling(Sampling::Drop));
    let (trace, recorded) = (denied.trace_id(), denied.is_recording());
    denied.in_scope(|| {
        is_current(&denied, "though it is not recorded")?;
        ensure_eq!(trace::is_recording(), recorded, "whether it is recorded");
        trace::set_tag("key", "value");
        let child = trace::start_span("child");
        ensure_eq!((child.trace_id(), child.is_recording()), (trace, recorded), "the child");
        child.run(|| {
            let grandchild = trace::start_span("grandchild");
            ensure_eq!((grandchild.trace_id(), grandchild.is_recording()), (trace, recorded), "beneath");
            Ok(())
        })
    })?;
    drop(denied);
    ensure_eq!(trace, caller().trace_id(), "the trace of what is not recorded");
    if case.can(Capability::ParentSampling) {
        case.nothing()?;
    }
    Ok(())
}

fn the_current_context_is_injected(case: &Case) -> Checked {
    let span = request(case, 1);
    let mut carrier = std::collections::HashMap::<String, String>::new();
    trace::inject(&mut carrier);
    ensure!(carrier.is_empty(), "nothing is current, and {carrier:?} is injected");
    span.in_scope(|| trace::inject(&mut carrier));
    let arrived = case.tracer().extract(&carrier);
    ensure_eq!(arrived.context().ids(), span.context().ids(), "the ids that arrive");
    Ok(())
}

fn log_lines_have_the_ids_of_the_current_span(case: &Case) -> Checked {
    let agrees = |when: &str| {
        ensure_eq!(current_ids(), current_span().context().ids(), "the ids for log lines {when}");
        Ok::<_, String>(())
    };
    agrees("where nothing is current")?;
    let span = request(case, 1);
    let ids = span.context().ids();
    span.run(|| {
        agrees("in a span")?;
        trace::start_span("child").run(|| agrees("in a child"))?;
        trace::start_trace("root").run(|| agrees("in another trace"))?;
        trace::suppression::suppressed(|| agrees("in silence"))?;
        ensure_eq!(current_ids(), ids, "the ids of the span");
        Ok(())
    })?;
    agrees("afterwards")
}

fn what_is_said_to_the_current_span_reaches_it_alone(case: &Case) -> Checked {
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
        ensure_eq!((outer.events.len(), inner.events.len()), (0, 1), "how many events");
    }
    if case.can(Capability::Status) {
        let error = Some(RecordedStatus::Error("inner".to_owned()));
        ensure_eq!((outer.status, inner.status), (None, error), "the statuses");
    }
    Ok(())
}

fn whether_the_current_span_is_recorded_can_be_asked(_: &Case) -> Checked {
    ensure!(!trace::is_recording(), "nothing is current, and it is recorded");
    trace::start_span("span").run(|| {
        ensure!(trace::is_recording() && current_span().is_recording(), "the span is not recorded");
        SpanRef::none().in_scope(|| {
            ensure!(!trace::is_recording(), "an empty span is recorded");
            Ok(())
        })
    })
}

fn what_is_said_where_nothing_is_current_is_harmless(case: &Case) -> Checked {
    trace::set_tag("key", "value");
    trace::set_tags(&trace::tags! { "key" => 1 });
    trace::set_name("name");
    trace::set_status(Status::Ok);
    trace::event("event");
    trace::record_error("error");
    trace::link(trace::Link::to(&caller()));
    ensure!(trace::set_baggage("key", "value").is_err(), "baggage is set where nobody sees it");
    nothing_is_current("afterwards")?;
    case.nothing()
}
