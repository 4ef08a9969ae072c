//! Finished spans to an OTLP server.

mod builder;
mod failure;
#[cfg(feature = "otlp-http")]
mod http;
mod recorder;
mod request;
mod retry;
mod span;
mod transport;
mod value;

pub use self::{
    builder::{Builder, Protocol},
    recorder::OtlpRecorder,
};
