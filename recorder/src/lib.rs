//! The reference tracer of [`anytrace_api`]: samplers, limits, live spans, batching with an exact account of every
//! span, and the [`Recorder`] trait that takes the finished spans.
//!
//! | feature | what it adds |
//! |---|---|
//! | `console` (on by default) | `ConsoleRecorder`, which draws traces as trees in the terminal |
//! | `http` | the module `http`, with which recorders send requests to a server |
//! | `tls` | `https` endpoints for the module `http`, with Mozilla's root certificates |
#![cfg_attr(feature = "console", doc = include_str!("console/usage.md"))]
mod clock;
#[cfg(feature = "console")]
mod console;
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

#[cfg(feature = "console")]
pub use self::console::ConsoleRecorder;
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
