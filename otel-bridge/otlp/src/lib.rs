//! A recorder for [`anytrace_api`] that sends finished spans to an OTLP server: the OpenTelemetry Collector, or a tracing
//! system that accepts OTLP itself.
//!
//! [`OtlpRecorder`] encodes finished spans directly, without OpenTelemetry's crates, and counts every span as delivered or
//! dropped, with the reason. Give it to `RecordingTracer::builder` of `anytrace-recorder`; the crate `anytrace` does so
//! when `OTEL_TRACES_EXPORTER=otlp` is set.
//!
//! | in anytrace | in OTLP |
//! |---|---|
//! | instrumentation scope | instrumentation scope |
//! | tag | attribute; a `u64` above `i64::MAX` becomes a string |
//! | [`Kind`](anytrace_api::Kind), [`Status`](anytrace_api::Status), event, link | the field of the same name |
//! | an [`EndReason`](anytrace_api::EndReason) other than `Finished` | attribute `anytrace.end_reason` |
//! | baggage | not exported |
//!
//! # Features
//!
//! | feature | effect |
//! |---|---|
//! | `http` (default) | [`Protocol::HttpProtobuf`]: protobuf over HTTP/1.1 |
//! | `grpc` | [`Protocol::Grpc`], with tonic |
//! | `tls` | `https` endpoints for both, with rustls and Mozilla's root certificates |
#![cfg_attr(
    not(any(feature = "http", feature = "grpc")),
    allow(dead_code, unused_variables, reason = "without a protocol, no recorder can be built")
)]

mod attribute;
mod builder;
mod failure;
#[cfg(feature = "grpc")]
mod grpc_codec;
#[cfg(feature = "grpc")]
mod grpc_status;
#[cfg(feature = "grpc")]
mod grpc_transport;
#[cfg(feature = "http")]
mod http_transport;
mod protobuf;
mod recorder;
mod request;
mod response;
mod retry;
#[cfg(any(feature = "http", feature = "grpc"))]
mod rpc_status;
mod span;
#[cfg(feature = "grpc")]
mod tokio_runtime;
mod transport;

pub use anytrace_recorder::SetupError;

pub use self::{
    builder::{OtlpRecorderBuilder, Protocol},
    recorder::OtlpRecorder,
};
