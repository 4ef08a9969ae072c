//! Starts spans.

use std::sync::Arc;

use anytrace_api::{Context, Operation, Sampling, SpanId, StartedSpan, TraceId};
use opentelemetry::{
    Context as OtelContext,
    trace::{SpanContext, TraceContextExt},
};

use super::{
    context_value::{ContextValue, SpanSource},
    current_context,
    local_span::LocalSpan,
    otel_span::OtelSpan,
    preset_ids::PresetIds,
    provider::ProviderSpan,
    tracer_state::{TracerState, increment},
};
use crate::{convert, panics::catch_panic, timestamp::Timestamp};

/// Starts a span whose parent is a context of any backend; without a parent, a root span.
#[inline]
pub(crate) fn start(
    state: &Arc<TracerState>,
    operation: &Operation<'_>,
    parent: Option<&Context>,
) -> StartedSpan {
    let Some(parent) = parent else {
        return start_in(state, operation, &Context::EMPTY, OtelContext::new());
    };
    let base = match convert::span_context(parent, convert::SAMPLED_WHEN_DEFERRED) {
        None => OtelContext::new(),
        Some(parent) => current_context::with_current(|current| {
            let is_parent = *current.span().span_context() == parent;
            is_parent.then(|| current.clone())
        })
        .flatten()
        .unwrap_or_else(|| OtelContext::new().with_remote_span_context(parent)),
    };
    start_in(state, operation, parent, base)
}

/// Starts a child of `parent`, or of no span if it is empty. `base` is OpenTelemetry's form of `parent`.
pub(super) fn start_in(
    state: &Arc<TracerState>,
    operation: &Operation<'_>,
    parent: &Context,
    base: OtelContext,
) -> StartedSpan {
    state.deferred_ends.carry_out();
    if state.is_shut_down() {
        return propagate(state, parent.clone(), base);
    }
    let base = if needs_context_sampler(parent) {
        ContextValue::add_to(&base, parent, SpanSource::Foreign)
    } else {
        base
    };
    let now = Timestamp::now();
    let start = operation.start.unwrap_or(now.wall);
    let mut started = None;
    let preset = PresetIds::of(operation, parent);
    catch_panic(|| {
        if !OtelContext::is_current_telemetry_suppressed() {
            if let Some(preset) = preset {
                preset.set();
            }
            state.provider.start(operation, start, &base, &mut started);
        }
    });
    if preset.is_some() {
        PresetIds::clear();
    }
    match started {
        Some(ProviderSpan::Recorded(detached)) => {
            let span = detached.span_context();
            let Some((span, ids)) = span.and_then(|span| Some((span, convert::ids(span)?))) else {
                return propagate(state, parent.clone(), base);
            };
            let context = new_context(operation, parent, &base, span, ids);
            increment(&state.started);
            // A base without a span has the same baggage as `parent`, or none.
            let has_baggage = !base.has_active_span() && context.baggage().is_empty();
            let base = if has_baggage { base } else { convert::with_baggage(base, context.baggage()) };
            let live = OtelSpan::local(state.clone(), LocalSpan::new(detached, base, start, now));
            StartedSpan::new(context, Some(live))
        }
        Some(ProviderSpan::NotRecorded(span)) => {
            // A no-op provider, or one that was shut down, makes spans without ids.
            let Some(ids) = convert::ids(&span) else { return propagate(state, parent.clone(), base) };
            if !is_child(parent, ids.0) {
                return not_recorded(state, new_context(operation, parent, &base, &span, ids), base);
            }
            if span.is_sampled() {
                // The provider records nothing at all and returns the parent's context.
                return propagate(state, parent.clone(), base);
            }
            not_recorded(state, parent.decided(Sampling::Drop), base)
        }
        None => propagate(state, parent.clone(), base),
    }
}

fn is_child(parent: &Context, trace: TraceId) -> bool {
    parent.span_id().is_some() && parent.trace_id() == Some(trace)
}

fn new_context(
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
        return if is_unchanged { context } else { convert::with_trace_state(context, span) };
    }
    let is_random = |context: &Context| context.is_random() && context.trace_id() == Some(trace);
    let is_random = convert::is_random(span.trace_flags())
        || is_random(parent)
        || operation.preset_context.is_some_and(is_random);
    let context =
        if parent.is_empty() { Context::new(trace, id, sampling) } else { parent.root(trace, id, sampling) };
    convert::with_trace_state(context.with_random(is_random), span)
}

/// Returns a span that continues `context` without a span of its own. Its `native` context is attached while it is
/// current, because otherwise OpenTelemetry code would start a new trace.
pub(super) fn propagate(state: &Arc<TracerState>, context: Context, native: OtelContext) -> StartedSpan {
    if context.is_empty() {
        return StartedSpan::none();
    }
    StartedSpan::new(context, Some(OtelSpan::propagated(state, native)))
}

/// Returns a span that is not recorded and was started in `base`.
pub(super) fn not_recorded(state: &Arc<TracerState>, context: Context, base: OtelContext) -> StartedSpan {
    StartedSpan::new(context, Some(OtelSpan::not_recorded(state, base)))
}

/// Returns true if trace flags cannot express the sampling decision of `parent`, so that a sampler must read the
/// [`ContextValue`].
fn needs_context_sampler(parent: &Context) -> bool {
    match parent.sampling() {
        Sampling::Debug => true,
        Sampling::Defer => parent.ids().is_some(),
        _ => parent.ids().is_none(),
    }
}
