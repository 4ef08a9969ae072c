//! The reference tracer of [`anytrace_api`]: samplers, limits, live spans, batching with an exact account of every
//! span, and the [`Recorder`] trait that takes the finished spans.
//!
//! | feature | what it adds |
//! |---|---|
//! | `http` | the module `http`, with which recorders send requests to a server |
//! | `tls` | `https` endpoints for the module `http`, with Mozilla's root certificates |
//!
//! The crate `anytrace-console` draws traces as trees in the terminal.

mod clock;
#[cfg(feature = "http")]
pub mod http;
mod loss;
mod memory;
mod mock;
mod pipeline;
mod record;
mod recorder;
mod resource;
mod sanitized;
mod setup;
mod spans;
mod sync;
mod tracer;

#[doc = include_str!("testing.md")]
pub mod testing {}

pub use self::{
    clock::Clock,
    loss::Loss,
    memory::MemoryRecorder,
    mock::MockTracer,
    pipeline::Stats,
    record::{FinishedEvent, FinishedLink, FinishedSpan, Limits},
    recorder::{Batch, Delivery, Recorder},
    resource::Resource,
    sanitized::sanitized,
    setup::SetupError,
    spans::{Decision, Ids, Sample, Sampler, SamplingRequest, SpanSharing},
    tracer::{RecordingTracer, RecordingTracerBuilder},
};
#[doc(hidden)]
pub use self::{sanitized::sanitized as told, tracer::RecordingTracerBuilder as Builder};
