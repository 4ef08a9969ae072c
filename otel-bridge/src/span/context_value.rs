//! The value through which a context of this API travels in OpenTelemetry's context.
//!
//! Baggage properties, extensions and sampling decisions have no equivalent in OpenTelemetry. With this value, they
//! survive spans of other code between two spans of this API.

use std::sync::Arc;

use anytrace_api::{Baggage, Context, Sampling};
use opentelemetry::{Context as OtelContext, baggage::BaggageExt, trace::TraceContextExt};

use super::attached_span::AttachedSpan;
use crate::convert;

/// A value in OpenTelemetry's context, which contexts derived from it inherit.
pub(crate) struct ContextValue {
    pub(crate) context: Context,
    /// The baggage at the time when the value was added, since a shared baggage can change.
    baggage: Baggage,
    pub(super) source: SpanSource,
}

/// The span that a [`ContextValue`] belongs to.
#[derive(Clone)]
pub(super) enum SpanSource {
    /// A recorded span of this tracer.
    Local(Arc<AttachedSpan>),
    /// A span of this tracer that is not recorded.
    NotRecorded,
    /// A span of other code.
    Foreign,
}

impl ContextValue {
    /// Returns `native` with `context` and its baggage.
    pub(super) fn add_to(native: &OtelContext, context: &Context, source: SpanSource) -> OtelContext {
        let baggage = context.baggage().clone();
        let with_baggage = convert::with_changed_baggage(native, &baggage);
        let value = ContextValue { context: context.clone(), baggage, source };
        with_baggage.as_ref().unwrap_or(native).with_value(value)
    }

    /// Returns true if `native` has this `context` with its present baggage.
    pub(super) fn is_current_in(native: &OtelContext, context: &Context) -> bool {
        let is_same = |value: &ContextValue| {
            let baggage = context.baggage();
            // Empty baggage is frequent, and the full comparison is the most expensive part of this function.
            let both_empty = baggage.is_empty() && value.baggage.is_empty();
            value.context.is_clone_of(context) && (both_empty || value.baggage == *baggage)
        };
        native.get::<ContextValue>().is_some_and(is_same)
    }
}

/// Returns the context of the active span of `native`, with everything that the [`ContextValue`] `value` of `native`
/// adds.
pub(super) fn context_of(native: &OtelContext, value: Option<&ContextValue>) -> Context {
    let span = native.span();
    let span = span.span_context();
    let baggage = || convert::baggage_from_otel(native.baggage());
    let Some((trace, id)) = convert::ids(span) else {
        return Context::EMPTY.with_baggage_items(baggage());
    };
    let sampling = if span.is_sampled() { Sampling::Record } else { Sampling::Drop };
    let random = convert::is_random(span.trace_flags());
    // A remote span inherits nothing from the value, which belongs to the context that was current when the headers
    // were read.
    let value = value.filter(|value| !span.is_remote() || value.context.ids() == Some((trace, id)));
    let context = match value.map(|value| &value.context) {
        Some(same) if same.ids() == Some((trace, id)) => same.clone(),
        Some(ancestor) if ancestor.trace_id() == Some(trace) => {
            let debug = ancestor.sampling() == Sampling::Debug && span.is_sampled();
            ancestor.child(id, if debug { Sampling::Debug } else { sampling })
        }
        Some(other) => other.root(trace, id, sampling).with_random(random),
        None if span.is_remote() => Context::remote(trace, id, sampling).with_random(random),
        None => Context::new(trace, id, sampling).with_random(random),
    };
    let context = convert::with_trace_state(context, span);
    match value {
        Some(value) if convert::is_same_baggage(&value.baggage, native.baggage()) => context,
        _ => context.with_baggage_items(baggage()),
    }
}
