//! A tracing API that belongs to no vendor.

mod baggage;
mod carrier;
mod context;
mod hex;
mod id;
mod limit;
mod propagation;
mod rejected;
mod sampling;
mod shared_baggage;
mod trace_state;

pub use self::{
    baggage::{Baggage, BaggageIter, Properties},
    carrier::{CheckedWriter, TextMapReader, TextMapWriter},
    context::{Context, TraceContext},
    id::{ParseIdError, SpanId, TraceId},
    limit::{LimitError, LimitKind},
    propagation::{
        B3, Composite, ExtractFault, Extracted, FaultKind, Propagator, W3cBaggage, W3cTraceContext,
    },
    sampling::Sampling,
    trace_state::{ParseTraceStateError, TraceState},
};
