//! Ids, trace flags and trace state.

use anytrace_api::{Context, Sampling, SpanId, TraceId, data::TraceState};
use opentelemetry::trace::{
    SpanContext, SpanId as OtelSpanId, TraceFlags, TraceId as OtelTraceId, TraceState as OtelTraceState,
};

/// The random flag (W3C Trace Context level 2, section 3.2.2.5.2), which OpenTelemetry's SDK copies to recorded
/// children.
const RANDOM: TraceFlags = TraceFlags::new(0x02);

/// The sampled flag of a context whose sampling decision is deferred, since trace flags cannot express that. "Not
/// sampled" would end the trace here; a provider with `ContextSampler` makes its own decision.
pub(crate) const SAMPLED_WHEN_DEFERRED: bool = true;

pub(crate) fn ids(span: &SpanContext) -> Option<(TraceId, SpanId)> {
    let trace = TraceId::from_bytes(span.trace_id().to_bytes())?;
    Some((trace, SpanId::from_bytes(span.span_id().to_bytes())?))
}

fn flags(sampling: Sampling, random: bool, deferred: bool) -> TraceFlags {
    let sampled = TraceFlags::NOT_SAMPLED.with_sampled(sampling.is_sampled().unwrap_or(deferred));
    if random { sampled | RANDOM } else { sampled }
}

pub(crate) fn is_random(flags: TraceFlags) -> bool {
    flags & RANDOM == RANDOM
}

/// Converts a context; `None` if it lacks the trace id or the span id.
pub(crate) fn span_context(context: &Context, deferred: bool) -> Option<SpanContext> {
    let (trace, span) = context.ids()?;
    Some(SpanContext::new(
        OtelTraceId::from_bytes(trace.to_bytes()),
        OtelSpanId::from_bytes(span.to_bytes()),
        flags(context.sampling(), context.is_random(), deferred),
        context.is_remote(),
        state_to_otel(context.trace_state()),
    ))
}

/// Converts trace state without the entries that OpenTelemetry rejects: it limits some keys more strictly.
fn state_to_otel(state: &TraceState) -> OtelTraceState {
    if state.is_empty() {
        return OtelTraceState::NONE;
    }
    OtelTraceState::from_key_value(state.iter()).unwrap_or_else(|_| {
        let known = state.iter().filter(|entry| OtelTraceState::from_key_value([*entry]).is_ok());
        OtelTraceState::from_key_value(known).unwrap_or_default()
    })
}

/// Returns `context` with the trace state of `span`.
#[inline]
pub(crate) fn with_trace_state(context: Context, span: &SpanContext) -> Context {
    if *span.trace_state() == OtelTraceState::NONE && context.trace_state().is_empty() {
        return context;
    }
    with_nonempty_state(context, span)
}

fn with_nonempty_state(context: Context, span: &SpanContext) -> Context {
    if span.trace_state().into_iter().eq(context.trace_state().iter()) {
        return context;
    }
    context.with_trace_state(state_from_otel(span.trace_state()))
}

/// Converts trace state without the entries that cannot be sent: control characters, repeated keys.
fn state_from_otel(state: &OtelTraceState) -> TraceState {
    let entries: Vec<_> = state.into_iter().collect();
    let mut read = TraceState::new();
    for (key, value) in entries.into_iter().rev() {
        let _ = read.set(key, value);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_survive_a_round_trip() {
        let state: TraceState = "rojo=1,congo=t61".parse().unwrap();
        let context =
            Context::remote(TraceId::from_u128(7).unwrap(), SpanId::from_u64(9).unwrap(), Sampling::Record)
                .with_random(true)
                .with_trace_state(state.clone());
        let span = span_context(&context, false).unwrap();
        assert_eq!(ids(&span), context.ids());
        assert_eq!(span.trace_flags().to_u8(), 3);
        assert!(span.is_remote() && is_random(span.trace_flags()));
        assert_eq!(state_from_otel(span.trace_state()), state);
    }

    #[test]
    fn rejected_trace_state_entries_are_left_out() {
        let long = format!("tenant@{}", "s".repeat(14));
        let state: TraceState = format!("a=1,{long}=2,b=3").parse().unwrap();
        assert_eq!(state_to_otel(&state).header(), "a=1,b=3");
        let odd = OtelTraceState::from_key_value([("a", "1"), ("b", "\n"), ("c", "3"), ("a", "4")]).unwrap();
        assert_eq!(state_from_otel(&odd).to_string(), "a=1,c=3");
    }
}
