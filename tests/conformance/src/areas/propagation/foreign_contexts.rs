//! Contexts made by another tracer or process, and incomplete contexts.

use std::{any::Any, sync::Arc};

use anytrace_api::{
    self as trace, Context, Link, Name, Operation, Sampling, SpanId, SpanRef, StartedSpan, Tag, TraceContext,
    TraceId, Value,
    backend::{AttachToken, End, NativeContext, Span, Unsupported, Update},
    propagation::TextMapWriter,
};

use crate::areas::{
    baggage::to_message,
    checks,
    propagation::{Headers, ensure_clean, full, headers, received, written},
};
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Propagation:
    a_context_of_another_process_is_joined_and_injected [];
    a_context_of_another_process_may_be_current [];
    injecting_a_foreign_context_sends_its_own_ids [];
    a_span_of_another_tracer_can_be_joined_linked_and_injected [];
    a_span_of_another_tracer_uses_its_own_tracer [];
    a_context_without_ids_can_be_joined_and_injected [];
    a_context_with_only_a_trace_id_can_be_joined_and_injected [];
}

/// A live span of another tracer.
struct Foreign;

impl Span for Foreign {
    fn set_tag(&self, _: Name<'_>, _: Value<'_>) {}

    fn set_tags(&self, _: &[Tag<'_>]) {}

    fn update(&self, _: Update<'_>) -> Result<(), Unsupported> {
        Ok(())
    }

    fn start_child(&self, _: &Operation<'_>, context: &Context) -> StartedSpan {
        StartedSpan::new(
            context.child(SpanId::from_u64(0xf0e3).unwrap(), Sampling::Record),
            Some(Arc::new(Foreign)),
        )
    }

    fn inject(&self, _: &Context, carrier: &mut dyn TextMapWriter) {
        carrier.set("foreign", "1");
    }

    fn finish(self: Arc<Self>, _: End) {}

    fn native_context(&self) -> Option<&dyn NativeContext> {
        Some(self)
    }
}

/// Offers a value only, and cannot be attached.
impl NativeContext for Foreign {
    fn current(&self) -> Option<SpanRef> {
        None
    }

    fn detach(&self, _: AttachToken) {}

    fn value(&self, _: &Context) -> Option<Box<dyn Any>> {
        Some(Box::new("foreign"))
    }
}

fn foreign() -> Result<StartedSpan, String> {
    let (trace, span) = (TraceId::from_u128(0xf0e1).unwrap(), SpanId::from_u64(0xf0e2).unwrap());
    let context = Context::new(trace, span, Sampling::Record);
    let context = context.with_baggage("tenant", "acme").map_err(to_message)?;
    Ok(StartedSpan::new(context, Some(Arc::new(Foreign))))
}

/// Checks the context and the headers of `span`, a child of `parent`.
fn ensure_child_of(case: &Case, span: &SpanRef, parent: &Context) -> Checked {
    ensure_eq!(span.trace_id(), parent.trace_id(), "the trace");
    ensure_eq!(
        span.span_id() == parent.span_id(),
        !span.is_recording(),
        "whether the span has the id of its parent"
    );
    ensure_eq!(span.baggage(), parent.baggage(), "the baggage");
    ensure_eq!(span.context().trace_state(), parent.trace_state(), "the trace state");
    let sent = headers(span);
    ensure_clean(&sent)?;
    if case.can(Capability::Propagation) {
        ensure_eq!(received(case, &sent).ids(), span.context().ids(), "the injected ids");
    }
    Ok(())
}

fn a_context_of_another_process_is_joined_and_injected(case: &Case) -> Checked {
    let caller = full()?;
    let span = case.tracer().join_trace("joined", &caller);
    ensure_child_of(case, &span, &caller)?;
    ensure_child_of(case, &span.start_child("child"), span.context())
}

fn a_context_of_another_process_may_be_current(case: &Case) -> Checked {
    let caller = full()?;
    SpanRef::from(caller.clone()).in_scope(|| {
        ensure_eq!(trace::current_ids(), caller.ids(), "the current span");
        ensure_child_of(case, &trace::start_span("child"), &caller)?;
        ensure_child_of(case, &case.tracer().start_span("child by the tracer"), &caller)?;
        let mut sent = Headers::new();
        trace::inject(&mut sent);
        ensure_eq!(sent, written(case, &caller), "the injected headers of the current span");
        Ok(())
    })
}

/// Some formats send the parent span id too.
fn injecting_a_foreign_context_sends_its_own_ids(case: &Case) -> Checked {
    let caller = full()?;
    let span = case.tracer().join_trace("joined", &caller);
    let child = span.start_child("child");
    for (span, parent) in [(&span, caller.span_id()), (&child, span.span_id())] {
        if span.is_recording() {
            let in_context = span.context().parent_span_id();
            ensure!(
                in_context.is_none() || in_context == parent,
                "the parent in the context is {in_context:?}, expected {parent:?} or none"
            );
        }
    }
    Ok(())
}

fn a_span_of_another_tracer_can_be_joined_linked_and_injected(case: &Case) -> Checked {
    let foreign = foreign()?;
    let links = [Link::to(&foreign)];
    let span = case.tracer().join_trace(Operation::internal("joined").links(&links), &foreign);
    span.link(links[0]);
    ensure_child_of(case, &span, foreign.context())?;
    let sent = written(case, &foreign);
    ensure_eq!(sent, written(case, foreign.context()), "the injected headers of another tracer's span");
    if case.can(Capability::Propagation) {
        ensure_eq!(received(case, &sent).ids(), foreign.context().ids(), "the injected ids");
    }
    span.finish();
    if case.can(Capability::Recording) {
        let span = case.span("joined")?;
        ensure_eq!(
            (Some(span.trace_id), span.parent),
            (foreign.trace_id(), foreign.span_id()),
            "the trace and the parent"
        );
        if case.can(Capability::Links) {
            let to: Vec<_> = span.links.iter().map(|link| Some(link.span_id)).collect();
            ensure_eq!(to, [foreign.span_id(); 2], "the links");
        }
    }
    Ok(())
}

fn a_span_of_another_tracer_uses_its_own_tracer(case: &Case) -> Checked {
    let foreign = foreign()?;
    let outer = case.tracer().start_trace("outer");
    let scope = outer.enter();
    foreign.in_scope(|| {
        let mut sent = Headers::new();
        trace::inject(&mut sent);
        ensure_eq!(
            sent,
            [("foreign".to_owned(), "1".to_owned())],
            "the injected headers of another tracer's span"
        );
        ensure_eq!(trace::start_span("child").trace_id(), foreign.trace_id(), "the trace of its child");
        ensure_child_of(case, &case.tracer().start_span("child by the tracer"), foreign.context())
    })?;
    ensure_eq!(trace::current_ids(), outer.context().ids(), "the current span afterwards");
    drop(scope);
    outer.finish();
    if case.can(Capability::Recording) {
        case.spans(["outer", "child by the tracer"])?;
    }
    Ok(())
}

fn a_context_without_ids_can_be_joined_and_injected(case: &Case) -> Checked {
    let baggage = Context::EMPTY.with_baggage("tenant", "acme").map_err(to_message)?;
    let state = Context::EMPTY.with_trace_state("a=1".parse().map_err(to_message)?);
    let span_alone = Context::EMPTY.with_parent_span_id(SpanId::from_u64(7));
    for sampling in [Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug] {
        for context in [&baggage, &state, &span_alone, &Context::EMPTY] {
            let context = context.clone().with_sampling(sampling);
            let span = case.tracer().join_trace("root", &context);
            let child = span.start_child("child");
            ensure_eq!(child.trace_id(), span.trace_id(), "the trace of the child");
            ensure_eq!(child.baggage(), context.baggage(), "the baggage of the child");
            let (alone, below) = (written(case, &context), headers(&child));
            for (sent, ids) in [(&alone, None), (&below, child.context().ids())] {
                ensure_clean(sent)?;
                let found = received(case, sent);
                ensure!(found.ids().is_none() || found.ids() == ids, "ids were extracted from {sent:?}");
                ensure_eq!(
                    found.trace_id().is_some(),
                    found.span_id().is_some(),
                    "only one of trace id and span id was extracted from {sent:?}"
                );
                if case.can(Capability::BaggagePropagation) {
                    ensure_eq!(found.baggage(), context.baggage(), "the extracted baggage");
                }
            }
            SpanRef::from(context).in_scope(|| drop(trace::start_span("child").start_child("grandchild")));
        }
    }
    Ok(())
}

fn a_context_with_only_a_trace_id_can_be_joined_and_injected(case: &Case) -> Checked {
    let trace_id = TraceId::from_u128(0xacce_5511).unwrap();
    for sampling in [Sampling::Defer, Sampling::Drop, Sampling::Record, Sampling::Debug] {
        let context = Context::of_trace(trace_id, sampling);
        let span = case.tracer().join_trace("root", &context);
        let child = span.start_child("child");
        ensure_eq!(child.trace_id(), span.trace_id(), "the trace of the child");
        for sent in [written(case, &context), headers(&span), headers(&child)] {
            ensure_clean(&sent)?;
            let found = received(case, &sent);
            ensure!(
                found.span_id().is_none() || found.trace_id().is_some(),
                "only one of trace id and span id was extracted from {sent:?}"
            );
        }
        SpanRef::from(context).in_scope(|| drop(trace::start_span("child")));
    }
    Ok(())
}
