//! The settings that come from environment variables. Each is a function of [`Variables`], so that tests do not change the
//! environment of the process.

mod batch;
mod exporter;
mod limits;
mod list;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod otlp;
mod propagators;
mod sampler;
mod service;
mod variable;
#[cfg(feature = "zipkin")]
mod zipkin;

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use self::otlp::otlp;
#[cfg(feature = "zipkin")]
pub(crate) use self::zipkin::zipkin;
pub(crate) use self::{
    batch::batch,
    exporter::{exporter, is_disabled},
    limits::limits,
    propagators::propagators,
    sampler::sampler,
    service::resource,
    variable::{Variable, Variables},
};
