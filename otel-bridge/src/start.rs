//! How a span starts.

use std::{cell::Cell, time::SystemTime};

use anytrace_api::{Context, Kind, Link as OurLink, Operation, Sampling, SpanId, StartedSpan, TraceId};
use opentelemetry::{
    Context as OtelContext,
    trace::{Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt},
};

use crate::{
    attached,
    clock::Moment,
    convert,
    ours::{self, Live, Ours},
    own::Own,
    shared::{Built, Handle, count, foreign},
    span::OtelSpan,
};

thread_local! {
    /// For an id generator that is asked meanwhile: what ids the new span is to have.
    static GIVEN: Cell<Given> = const { Cell::new(Given { trace: None, span: None }) };
}

/// Ids that are not to be made up.
#[cfg_attr(not(feature = "sdk"), expect(dead_code, reason = "only an id generator of the SDK asks"))]
#[derive(Clone, Copy, Default)]
struct Given {
    trace: Option<TraceId>,
    span: Option<SpanId>,
}

impl Given {
    /// Another tracer's span goes by that one's ids; a trace that was named without a span, by its name. None where
    /// nothing is given.
    #[inline]
    fn by(operation: &Operation<'_>, parent: &Context) -> Option<Self> {
        if let Some((trace, span)) = operation.preset_context.and_then(Context::ids) {
            return Some(Given { trace: Some(trace), span: Some(span) });
        }
        let trace = parent.trace_id().filter(|_| parent.span_id().is_none())?;
        Some(Given { trace: Some(trace), span: None })
    }
}

#[cfg(feature = "sdk")]
pub(crate) fn take_given_trace() -> Option<TraceId> {
    let given = GIVEN.get();
    GIVEN.set(Given { trace: None, ..given });
    given.trace
}

#[cfg(feature = "sdk")]
pub(crate) fn take_given_span() -> Option<SpanId> {
    let given = GIVEN.get();
    GIVEN.set(Given { span: None, ..given });
    given.span
}

/// A span by the tracer, beneath a context from anywhere.
#[inline]
pub(crate) fn start(shared: &Handle, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
    let Some(parent) = parent else {
        return begin(shared, operation, &Context::EMPTY, OtelContext::new());
    };
    let base = match convert::span_context(parent, convert::SAMPLED_WHEN_DEFERRED) {
        None => OtelContext::new(),
        Some(parent) => attached::look(|current| {
            let is_it = *current.span().span_context() == parent;
            is_it.then(|| current.clone())
        })
        .flatten()
        .unwrap_or_else(|| OtelContext::new().with_remote_span_context(parent)),
    };
    begin(shared, operation, parent, base)
}

/// A span beneath `base`, which is OpenTelemetry's form of `parent`.
pub(crate) fn begin(
    shared: &Handle,
    operation: &Operation<'_>,
    parent: &Context,
    base: OtelContext,
) -> StartedSpan {
    shared.aside.tell_all();
    if shared.is_closed() {
        return carry_on(shared, parent.clone(), base);
    }
    let base = if says_more_than_flags(parent) { Ours::put(&base, parent, Live::Another) } else { base };
    let now = Moment::now();
    let start = operation.start.unwrap_or(now.wall);
    let mut built = None;
    let given = Given::by(operation, parent);
    foreign(|| {
        if !OtelContext::is_current_telemetry_suppressed() {
            if let Some(given) = given {
                GIVEN.set(given);
            }
            shared.provider.start(operation, start, &base, &mut built);
        }
    });
    if given.is_some() {
        GIVEN.set(Given::default());
    }
    match built {
        Some(Built::Recorded(room)) => {
            let span = room.span_context();
            let Some((span, ids)) = span.and_then(|span| Some((span, convert::ids(span)?))) else {
                return carry_on(shared, parent.clone(), base);
            };
            let context = started(operation, parent, &base, span, ids);
            count(&shared.started);
            // Without a span it has what `parent` has, or nothing.
            let has_all = !base.has_active_span() && context.baggage().is_empty();
            let base = if has_all { base } else { ours::with_baggage(base, context.baggage()) };
            let live = OtelSpan::own(shared.clone(), Own::new(room, base, start, now));
            StartedSpan::new(context, Some(live))
        }
        Some(Built::Unrecorded(span)) => {
            // A provider that was shut down, or another that says nothing, has no ids.
            let Some(ids) = convert::ids(&span) else { return carry_on(shared, parent.clone(), base) };
            if !is_child(parent, ids.0) {
                return unrecorded(shared, started(operation, parent, &base, &span, ids), base);
            }
            if span.is_sampled() {
                // The provider records nothing at all, and hands the parent on.
                return carry_on(shared, parent.clone(), base);
            }
            unrecorded(shared, parent.decided(Sampling::Drop), base)
        }
        None => carry_on(shared, parent.clone(), base),
    }
}

fn is_child(parent: &Context, trace: TraceId) -> bool {
    parent.span_id().is_some() && parent.trace_id() == Some(trace)
}

/// The context of a new span.
fn started(
    operation: &Operation<'_>,
    parent: &Context,
    base: &OtelContext,
    span: &SpanContext,
    (trace, id): (TraceId, SpanId),
) -> Context {
    let sampling = match (span.is_sampled(), parent.sampling()) {
        (true, Sampling::Debug) => Sampling::Debug,
        (true, _) => Sampling::Record,
        (false, _) => Sampling::Drop,
    };
    if is_child(parent, trace) {
        let context = parent.child(id, sampling);
        let is_unchanged = span.trace_state() == base.span().span_context().trace_state();
        return if is_unchanged { context } else { ours::with_state(context, span) };
    }
    let is_random = |given: &Context| given.is_random() && given.trace_id() == Some(trace);
    let is_random = convert::is_random(span.trace_flags())
        || is_random(parent)
        || operation.preset_context.is_some_and(is_random);
    let is_first = parent.is_empty();
    let context = if is_first { Context::new(trace, id, sampling) } else { parent.root(trace, id, sampling) };
    ours::with_state(context.with_random(is_random), span)
}

/// What is above goes on, where there is no span to be had. What is current natively must know it all the same, or
/// others would start a trace.
pub(crate) fn carry_on(shared: &Handle, context: Context, native: OtelContext) -> StartedSpan {
    if context.is_empty() {
        return StartedSpan::none();
    }
    StartedSpan::new(context, Some(OtelSpan::carried_on(shared, native)))
}

/// A span that is not recorded, with what it started in. It is here to be entered, as above.
pub(crate) fn unrecorded(shared: &Handle, context: Context, native: OtelContext) -> StartedSpan {
    StartedSpan::new(context, Some(OtelSpan::unrecorded(shared, native)))
}

/// What only a sampler that knows our context can heed.
fn says_more_than_flags(parent: &Context) -> bool {
    match parent.sampling() {
        Sampling::Debug => true,
        Sampling::Defer => parent.ids().is_some(),
        _ => parent.ids().is_none(),
    }
}

/// What a provider is told of it.
#[inline]
pub(crate) fn builder(operation: &Operation<'_>, start: SystemTime) -> SpanBuilder {
    let link = |link: &OurLink<'_>| {
        let to = convert::span_context(link.to.context(), false)?;
        Some(Link::new(to, convert::attributes(link.tags), 0))
    };
    SpanBuilder {
        name: convert::name(operation.name),
        span_kind: Some(kind(operation.kind)),
        start_time: Some(start),
        attributes: (!operation.tags.is_empty()).then(|| convert::attributes(operation.tags)),
        links: (!operation.links.is_empty()).then(|| operation.links.iter().filter_map(link).collect()),
        events: None,
    }
}

pub(crate) fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}
