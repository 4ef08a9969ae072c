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
mod memory;
mod mock;
mod pipeline;
mod record;
mod recorder;
mod resource;
mod sanitized;
mod setup_error;
mod spans;
mod sync;
mod tracer;

#[doc = include_str!("testing.md")]
pub mod testing {}

pub use self::{
    clock::Clock,
    memory::MemoryRecorder,
    mock::MockTracer,
    pipeline::Stats,
    record::{FinishedEvent, FinishedLink, FinishedSpan, Limits},
    recorder::{Batch, Delivery, Recorder},
    resource::Resource,
    sanitized::sanitized,
    setup_error::{SetupError, SetupErrorKind},
    spans::{Decision, Ids, Sample, Sampler, SamplingRequest, SpanSharing},
    tracer::{RecordingTracer, RecordingTracerBuilder},
};
