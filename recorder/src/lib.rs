//! The reference tracer of [`anytrace_api`]: samplers, limits, live spans, batching with an exact account, and the
//! [`Recorder`]s that take what has finished.
//!
//! | feature | what it adds |
//! |---|---|
//! | `http` | the module `http`: how recorders post to a server |
//! | `tls` | its endpoints of `https`, trusted by the roots of Mozilla |
//!
//! `anytrace-console` has a recorder that draws traces in a terminal.

mod account;
mod budget;
mod clock;
mod collector;
#[cfg(feature = "http")]
pub mod http;
mod ids;
mod inner;
mod limits;
mod live;
mod local;
mod loss;
mod means;
mod memory;
mod mock;
mod record;
mod recorder;
mod reporter;
mod resource;
mod sampler;
mod setup;
mod shard;
mod shards;
mod slot;
mod span_sharing;
mod sync;
mod timer;
mod told;
mod tracer;
mod watch;

#[doc = include_str!("testing.md")]
pub mod testing {}

pub use self::{
    account::Stats,
    clock::Clock,
    ids::Ids,
    limits::Limits,
    loss::Loss,
    memory::MemoryRecorder,
    mock::MockTracer,
    record::{FinishedEvent, FinishedLink, FinishedSpan},
    recorder::{Batch, Delivery, Recorder},
    resource::Resource,
    sampler::{Decision, Sample, Sampler, SamplingRequest},
    setup::SetupError,
    span_sharing::SpanSharing,
    told::told,
    tracer::{Builder, RecordingTracer},
};
