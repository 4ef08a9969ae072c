//! A sampler for decisions that OpenTelemetry's trace flags cannot express.

use anytrace_api::Sampling;
use opentelemetry::{
    Context as OtelContext, KeyValue,
    trace::{Link, SpanKind, TraceContextExt, TraceId},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use crate::{convert, span::ContextValue};

/// A sampler for decisions of this API that OpenTelemetry's trace flags cannot express. It calls another sampler for
/// all other spans.
///
/// | parent context | decision | without this sampler |
/// |---|---|---|
/// | [`Sampling::Debug`] | sampled | `other`'s, for a sampled parent or a root span |
/// | ids and [`Sampling::Defer`] | `other`'s, for a root span | `other`'s, for a sampled parent |
/// | no ids, but a decision | the decision of the context | `other`'s, for a root span |
///
/// ```
/// use anytrace_api::{Context, Sampling, TracerExt};
/// use anytrace_otel_bridge::{ContextSampler, OtelTracer};
/// use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
///
/// let sampler = ContextSampler::new(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)));
/// let tracer = OtelTracer::sdk(SdkTracerProvider::builder().with_sampler(sampler).build());
///
/// assert!(!tracer.start_trace("load").is_recording());
/// let parent = Context::default().with_sampling(Sampling::Debug);
/// assert!(tracer.join_trace("load", &parent).is_recording());
/// ```
#[derive(Clone, Debug)]
pub struct ContextSampler<S>(S);

impl<S: ShouldSample + Clone + 'static> ContextSampler<S> {
    /// Creates a sampler that calls `other` for decisions that this sampler does not make.
    pub fn new(other: S) -> Self {
        ContextSampler(other)
    }
}

impl<S: ShouldSample + Clone + 'static> ShouldSample for ContextSampler<S> {
    fn should_sample(
        &self,
        parent: Option<&OtelContext>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let other = |parent| self.0.should_sample(parent, trace_id, name, kind, attributes, links);
        let Some(cx) = parent else { return other(parent) };
        let span = cx.span();
        let span = span.span_context();
        let value = cx.get::<ContextValue>().filter(|value| value.context.ids() == convert::ids(span));
        let with_state = |decision| SamplingResult {
            decision,
            attributes: Vec::new(),
            trace_state: span.trace_state().clone(),
        };
        match value.map(|value| value.context.sampling()) {
            Some(Sampling::Debug) => with_state(SamplingDecision::RecordAndSample),
            Some(Sampling::Record) if !span.is_valid() => with_state(SamplingDecision::RecordAndSample),
            Some(Sampling::Drop) if !span.is_valid() => with_state(SamplingDecision::Drop),
            Some(Sampling::Defer) if span.is_valid() => {
                let decided = other(None);
                SamplingResult { trace_state: span.trace_state().clone(), ..decided }
            }
            _ => other(parent),
        }
    }
}
