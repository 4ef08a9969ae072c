//! A tracing API that belongs to no vendor.

mod active;
mod baggage;
mod carrier;
mod context;
mod data;
mod future;
mod hex;
mod id;
mod limit;
mod local;
mod propagation;
mod rejected;
mod sampling;
mod shared_baggage;
mod span;
mod trace_state;
mod tracer;

#[doc(hidden)]
pub use self::data::{__literal, Literal};
pub use self::{
    active::{
        BaggageError, Carried, Scope, Snapshot, SpanScope, carry, current_ids, current_span, event,
        event_with, extract, inject, join_trace, record_error, set_baggage, set_tag, set_tags, start_span,
        start_trace, suppressed, suppressed_scope, tracer_scope, with_tracer,
    },
    baggage::{Baggage, BaggageIter, BaggageProperties},
    carrier::{CheckedWriter, TextMapReader, TextMapWriter},
    context::{Context, TraceContext},
    data::{Event, Kind, Link, Name, Operation, Origin, Status, Tag, Texts, Value},
    future::{FutureExt, InSpan, InSpanThen},
    id::{ParseIdError, SpanId, TraceId},
    limit::{LimitError, LimitKind},
    propagation::{
        B3, Composite, ExtractFault, Extracted, FaultKind, Propagator, W3C, W3cBaggage, W3cTraceContext,
    },
    sampling::Sampling,
    span::{
        End, Ending, Entered, Native, Span, SpanRef, StartedSpan, Unsupported, Update, unsupported_updates,
    },
    trace_state::{ParseTraceStateError, TraceState},
    tracer::{
        Done, Dropped, FlushError, FlushFuture, Flushed, InstallError, ShutdownGuard, Tracer, TracerExt,
        TracerHandle, install, tracer,
    },
};
