//! Finished spans to an OTLP server.

mod builder;
#[cfg(feature = "otlp-grpc")]
mod codec;
mod failure;
#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
mod recorder;
mod request;
mod response;
mod retry;
mod rpc;
mod span;
#[cfg(feature = "otlp-grpc")]
mod status;
mod transport;
mod value;
mod wire;

pub use self::{
    builder::{Builder, Protocol},
    recorder::OtlpRecorder,
};
