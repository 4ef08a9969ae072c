//! What OpenTelemetry's exporters make of a batch that they are handed. It is theirs to drop: that is part of what it costs.

mod otlp;
mod spans;
mod zipkin;

pub(super) use otlp::{otlp_plain, otlp_rich};
pub(super) use zipkin::{zipkin_plain, zipkin_rich};
