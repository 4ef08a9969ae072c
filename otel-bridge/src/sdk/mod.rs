//! Support for OpenTelemetry's SDK.

mod context_ids;
mod context_sampler;
mod exporter_runtime;
mod provider_control;
mod recorder;
mod span_data;
mod tidy_exporter;
#[cfg(feature = "tokio")]
mod tokio_runtime;

pub use self::{
    context_ids::ContextIds, context_sampler::ContextSampler, recorder::ExporterRecorder,
    tidy_exporter::TidyExporter,
};
