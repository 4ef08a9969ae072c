//! How the span of a server hangs on that of its caller.

/// What the span of a server is to that of its caller, where the caller leaves the choice: where it spoke [`B3`].
///
/// ```
/// use anytrace_api::{B3, Operation, TraceContext, Tracer, TracerExt};
/// use anytrace_recorder::{SpanSharing, MemoryRecorder, RecordingTracer};
///
/// let memory = MemoryRecorder::new();
/// let tracer = RecordingTracer::builder(memory).propagator(B3::single()).span_sharing(SpanSharing::SharedSpan).build();
///
/// let caller = tracer.extract(&[("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1")]);
/// let server = tracer.join_trace(Operation::server("GET /users"), &caller);
/// assert_eq!(server.context().span_id(), caller.context().span_id());
/// ```
///
/// [`B3`]: anytrace_api::B3
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanSharing {
    /// A child with an id of its own: what every backend and every format understands.
    #[default]
    ChildSpan,
    /// The other half of the same span, under the same id and with the same parent: what Zipkin calls a shared span and
    /// its own tracers do. It takes a backend that tells the two halves apart. Besides, the contexts of other spans
    /// know their parents, which [`B3`](anytrace_api::B3) then sends along.
    SharedSpan,
}
