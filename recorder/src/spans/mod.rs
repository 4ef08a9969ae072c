//! Starting spans, writing to them and ending them.
//!
//! Imports go one way: [`SpanFactory`] and its configuration, live spans, the thread cache, starting, the `Span` trait.
//! The [`Pipeline`](crate::pipeline::Pipeline) takes the records of ended spans.

mod config;
mod factory;
mod ids;
mod live_span;
mod open_spans;
mod sampler;
mod span;
mod span_sharing;
mod start;
mod take_once;
mod thread_cache;

pub(crate) use self::{config::SpanFactoryConfig, factory::SpanFactory};
pub use self::{
    ids::Ids,
    sampler::{Decision, Sample, Sampler, SamplingRequest},
    span_sharing::SpanSharing,
};
