//! What needs the SDK.

mod control;
mod exporter;
mod ids;
mod record;
mod runtime;
mod sampler;
mod tidy;

pub use self::{exporter::ExporterRecorder, ids::ContextIds, sampler::ContextSampler, tidy::TidyExporter};
