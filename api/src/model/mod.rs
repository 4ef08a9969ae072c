//! Data: ids, contexts, baggage, tags, events, links, operations, carriers and wire formats.
//!
//! The lowest of the three layers. It uses neither `backend` nor `current`.

mod baggage;
mod carrier;
mod context;
mod data;
mod extensions;
mod hex;
mod id;
pub mod keys;
mod limit;
mod propagation;
mod rejected;
mod sampling;
mod shared_baggage;
mod sync;
mod trace_state;

#[doc(hidden)]
pub use self::data::{__literal, Literal};
pub use self::{
    baggage::{Baggage, BaggageError, BaggageIter, BaggageProperties},
    carrier::{CheckedWriter, TextMapReader, TextMapWriter},
    context::{Context, TraceContext},
    data::{Event, InstrumentationScope, Kind, Link, Name, Operation, Status, Tag, Texts, Value},
    id::{ParseIdError, SpanId, TraceId},
    limit::{LimitError, LimitKind},
    propagation::{
        B3, Binary, Composite, ExtractError, ExtractErrorKind, Extracted, FormatNameError, Jaeger,
        Propagator, W3C, W3cBaggage, W3cTraceContext, XRay, extract_errors,
    },
    sampling::Sampling,
    trace_state::{ParseTraceStateError, TraceState},
};
