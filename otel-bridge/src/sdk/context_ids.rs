//! An id generator that uses preset ids.

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;

use crate::span::PresetIds;

/// An id generator that uses preset ids, and calls another generator for all other spans:
///
/// * the trace id of a parent context that has no span id ([`Context::of_trace`](anytrace_api::Context::of_trace)),
/// * the ids of a span that another tracer has started already
///   ([`Operation::preset_context`](anytrace_api::Operation::preset_context)).
///
/// Without this generator, such spans have new ids.
///
/// ```
/// use anytrace_api::{Context, Sampling, TraceContext, TraceId, TracerExt};
/// use anytrace_otel_bridge::{ContextIds, OtelTracer};
/// use opentelemetry_sdk::trace::{RandomIdGenerator, SdkTracerProvider};
///
/// let ids = ContextIds::new(RandomIdGenerator::default());
/// let tracer = OtelTracer::sdk(SdkTracerProvider::builder().with_id_generator(ids).build());
/// let given = TraceId::from_u128(7).unwrap();
/// let span = tracer.join_trace("load", &Context::of_trace(given, Sampling::Record));
/// assert_eq!(span.context().trace_id(), Some(given));
/// ```
#[derive(Clone, Debug)]
pub struct ContextIds<G>(G);

impl<G: IdGenerator> ContextIds<G> {
    /// Creates a generator that calls `other` for spans without preset ids.
    pub fn new(other: G) -> Self {
        ContextIds(other)
    }
}

impl<G: IdGenerator> IdGenerator for ContextIds<G> {
    fn new_trace_id(&self) -> TraceId {
        let preset = PresetIds::take_trace_id();
        preset.map_or_else(|| self.0.new_trace_id(), |preset| TraceId::from_bytes(preset.to_bytes()))
    }

    fn new_span_id(&self) -> SpanId {
        let preset = PresetIds::take_span_id();
        preset.map_or_else(|| self.0.new_span_id(), |preset| SpanId::from_bytes(preset.to_bytes()))
    }
}
