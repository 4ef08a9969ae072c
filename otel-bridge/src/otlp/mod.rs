//! Finished spans to an OTLP server.

mod builder;
mod failure;
#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
mod recorder;
mod request;
mod retry;
mod rpc;
mod span;
#[cfg(feature = "otlp-grpc")]
mod status;
mod transport;
mod value;

pub use self::{
    builder::{Builder, Protocol},
    recorder::OtlpRecorder,
};
