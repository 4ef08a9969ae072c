//! What of our context rides in OpenTelemetry's, so that it survives a span of somebody else's in between.

use std::{ptr, sync::Arc};

use anytrace_api::{Baggage, Context, Sampling, SpanRef};
use opentelemetry::{
    Context as OtelContext,
    baggage::BaggageExt,
    trace::{SpanContext, TraceContextExt, TraceState as OtelTraceState},
};

use crate::{
    convert,
    own::{Own, Shown},
    shared::Handle,
    span::OtelSpan,
};

/// A value in OpenTelemetry's context: children that others start there still have it.
pub(crate) struct Ours {
    pub(crate) context: Context,
    /// As it was when OpenTelemetry got it: a shared baggage moves on.
    baggage: Baggage,
    live: Live,
}

/// Whose context it is.
#[derive(Clone)]
pub(crate) enum Live {
    /// Of a recorded span that started here.
    Own(Arc<Shown>),
    /// Of a span that is not recorded.
    Unrecorded,
    /// Of anybody else.
    Another,
}

impl Ours {
    /// `native` with `context`, baggage included.
    pub(crate) fn put(native: &OtelContext, context: &Context, live: Live) -> OtelContext {
        let baggage = context.baggage().clone();
        let with_baggage = other_baggage(native, &baggage);
        let ours = Ours { context: context.clone(), baggage, live };
        with_baggage.as_ref().unwrap_or(native).with_value(ours)
    }

    /// Whether `native` has all of `context`.
    pub(crate) fn is_in(native: &OtelContext, context: &Context) -> bool {
        let there = |ours: &Ours| {
            let baggage = context.baggage();
            // Comparing two empty texts costs more than all the rest: their pointers point nowhere.
            let both_empty = baggage.is_empty() && ours.baggage.is_empty();
            ours.context.is_clone_of(context) && (both_empty || ours.baggage == *baggage)
        };
        native.get::<Ours>().is_some_and(there)
    }
}

/// `native` with `baggage`.
pub(crate) fn with_baggage(native: OtelContext, baggage: &Baggage) -> OtelContext {
    other_baggage(&native, baggage).unwrap_or(native)
}

/// None where `native` has it already.
fn other_baggage(native: &OtelContext, baggage: &Baggage) -> Option<OtelContext> {
    let is_there = convert::is_same_baggage(baggage, native.baggage());
    (!is_there).then(|| native.with_baggage(convert::baggage_to_otel(baggage)))
}

/// Which span and baggage are current: whoever attached a context compares addresses that it keeps alive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    span: usize,
    baggage: usize,
}

impl Mark {
    pub(crate) fn of(native: &OtelContext) -> Self {
        let span = if native.has_active_span() { address_of_span(native) } else { 0 };
        Mark { span, baggage: ptr::from_ref(native.baggage()).addr() }
    }
}

/// OpenTelemetry keeps one object for a span, however many contexts have it.
fn address_of_span(native: &OtelContext) -> usize {
    ptr::from_ref::<SpanContext>(native.span().span_context()).addr()
}

pub(crate) fn is_same_span(one: &OtelContext, other: &OtelContext) -> bool {
    one.has_active_span() && other.has_active_span() && address_of_span(one) == address_of_span(other)
}

/// Neither a span nor baggage.
pub(crate) fn says_nothing(native: &OtelContext) -> bool {
    !native.span().span_context().is_valid() && native.baggage().is_empty()
}

/// A reference to the span that is current in `native`, whoever started it.
pub(crate) fn adopt(shared: &Handle, native: OtelContext) -> SpanRef {
    let ours = native.get::<Ours>();
    let context = context_of(&native, ours);
    if context.span_id().is_none() {
        return SpanRef::from(context);
    }
    let known = ours.filter(|ours| ours.context.ids() == context.ids());
    let live = match known.map(|ours| &ours.live) {
        Some(Live::Own(shown)) => OtelSpan::own(shared.clone(), Own::met(shown.clone())),
        Some(Live::Unrecorded) => OtelSpan::carried_on(shared, native),
        Some(Live::Another) | None => OtelSpan::adopted(shared, native),
    };
    SpanRef::new(context, Some(live))
}

fn context_of(native: &OtelContext, ours: Option<&Ours>) -> Context {
    let span = native.span();
    let span = span.span_context();
    let baggage = || convert::baggage_from_otel(native.baggage());
    let Some((trace, id)) = convert::ids(span) else {
        return Context::EMPTY.with_baggage_items(baggage());
    };
    let sampling = if span.is_sampled() { Sampling::Record } else { Sampling::Drop };
    let random = convert::is_random(span.trace_flags());
    // What came over a wire has nothing of ours, whatever was current when it was read.
    let ours = ours.filter(|ours| !span.is_remote() || ours.context.ids() == Some((trace, id)));
    let context = match ours.map(|ours| &ours.context) {
        Some(same) if same.ids() == Some((trace, id)) => same.clone(),
        Some(above) if above.trace_id() == Some(trace) => {
            let debug = above.sampling() == Sampling::Debug && span.is_sampled();
            above.child(id, if debug { Sampling::Debug } else { sampling })
        }
        Some(other) => other.root(trace, id, sampling).with_random(random),
        None if span.is_remote() => Context::remote(trace, id, sampling).with_random(random),
        None => Context::new(trace, id, sampling).with_random(random),
    };
    let context = with_state(context, span);
    match ours {
        Some(ours) if convert::is_same_baggage(&ours.baggage, native.baggage()) => context,
        _ => context.with_baggage_items(baggage()),
    }
}

/// `context` with the trace state of `span`, if that is another one.
#[inline]
pub(crate) fn with_state(context: Context, span: &SpanContext) -> Context {
    if *span.trace_state() == OtelTraceState::NONE && context.trace_state().is_empty() {
        return context;
    }
    with_some_state(context, span)
}

fn with_some_state(context: Context, span: &SpanContext) -> Context {
    if span.trace_state().into_iter().eq(context.trace_state().iter()) {
        return context;
    }
    context.with_trace_state(convert::state_from_otel(span.trace_state()))
}
