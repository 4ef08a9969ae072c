//! OpenTelemetry and [`anytrace_api`].

mod attached;
mod control;
mod convert;
mod ours;
#[cfg(feature = "sdk")]
mod sdk;
mod shared;
mod span;
mod start;
mod tracer;

pub use opentelemetry;

#[cfg(feature = "sdk")]
pub use self::sdk::{ContextIds, ContextSampler, ExporterRecorder, TidyExporter};
pub use self::{
    control::Control,
    span::ENDING,
    tracer::{Builder, Counts, OtelTracer},
};
#[cfg(feature = "sdk")]
pub use opentelemetry_sdk;
