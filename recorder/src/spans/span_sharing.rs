//! The relation between a server span and the span of its caller.

/// The relation between a server span and the span of its caller. It applies if the caller's context came in a format
/// that allows shared spans, which is [`B3`].
///
/// ```
/// use anytrace_api::{Operation, TraceContext, TracerExt, propagation::B3, backend::Tracer};
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
/// [`B3`]: anytrace_api::propagation::B3
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanSharing {
    /// The server span is a child with its own id. Every backend and every format supports it.
    #[default]
    ChildSpan,
    /// The server span has the id and the parent of the caller's span: a shared span in Zipkin, whose tracers do the
    /// same. The trace viewer has to distinguish the two halves. Contexts of other spans include the parent id, which
    /// [`B3`](anytrace_api::propagation::B3) then sends.
    SharedSpan,
}
