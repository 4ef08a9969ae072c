//! OpenTelemetry and [`anytrace_api`].

mod attached;
mod control;
mod convert;
mod ours;
mod shared;
mod span;
mod start;
mod tracer;

pub use opentelemetry;

pub use self::{
    control::Control,
    span::ENDING,
    tracer::{Builder, Counts, OtelTracer},
};
