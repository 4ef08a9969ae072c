//! Decisions that OpenTelemetry's flags cannot say.

use anytrace_api::Sampling;
use opentelemetry::{
    Context as OtelContext, KeyValue,
    trace::{Link, SpanKind, TraceContextExt, TraceId},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use crate::{convert, ours::Ours};

/// A sampler that heeds what our contexts say and OpenTelemetry's flags cannot, and leaves the rest to another.
///
/// | parent | decision |
/// |---|---|
/// | [`Sampling::Debug`] | recorded |
/// | ids, and [`Sampling::Defer`] | the other sampler's, as for a root; without this sampler it counts as recorded |
/// | no ids, and a wish | as wished; without this sampler the wish is lost |
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
/// let wish = Context::default().with_sampling(Sampling::Debug);
/// assert!(tracer.join_trace("load", &wish).is_recording());
/// ```
#[derive(Clone, Debug)]
pub struct ContextSampler<S>(S);

impl<S: ShouldSample + Clone + 'static> ContextSampler<S> {
    /// In front of `other`.
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
        let ours = cx.get::<Ours>().filter(|ours| ours.context.ids() == convert::ids(span));
        let with_state = |decision| SamplingResult {
            decision,
            attributes: Vec::new(),
            trace_state: span.trace_state().clone(),
        };
        match ours.map(|ours| ours.context.sampling()) {
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
