//! Ids that were given.

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;

use crate::start;

/// An id generator that starts a trace with the id its context brings, where that names a trace and no span
/// ([`Context::of_trace`](anytrace_api::Context::of_trace)), gives a span that another tracer has started already
/// [that one's ids](anytrace_api::Operation::preset_context), and leaves the rest to another. Without it they get new ones.
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
    /// In front of `other`.
    pub fn new(other: G) -> Self {
        ContextIds(other)
    }
}

impl<G: IdGenerator> IdGenerator for ContextIds<G> {
    fn new_trace_id(&self) -> TraceId {
        let given = start::take_given_trace();
        given.map_or_else(|| self.0.new_trace_id(), |given| TraceId::from_bytes(given.to_bytes()))
    }

    fn new_span_id(&self) -> SpanId {
        let given = start::take_given_span();
        given.map_or_else(|| self.0.new_span_id(), |given| SpanId::from_bytes(given.to_bytes()))
    }
}
