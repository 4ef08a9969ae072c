//! Encoding a batch with OpenTelemetry's exporters. They own the batch, so dropping it is part of the cost.

mod otlp;
mod spans;
mod zipkin;

pub(super) use otlp::{otlp_plain, otlp_rich};
pub(super) use zipkin::{zipkin_plain, zipkin_rich};
