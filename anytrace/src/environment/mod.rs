//! What the environment says, one idea per file: each is a function of [`Variables`], so that no test touches the
//! process's own.

mod batch;
mod limits;
mod list;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod otlp;
mod propagators;
mod sampler;
mod service;
mod switch;
mod variable;
#[cfg(feature = "zipkin")]
mod zipkin;

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use self::otlp::otlp;
#[cfg(feature = "zipkin")]
pub(crate) use self::zipkin::zipkin;
pub(crate) use self::{
    batch::batch,
    limits::limits,
    propagators::propagators,
    sampler::sampler,
    service::resource,
    switch::{exporter, is_disabled},
    variable::{Variable, Variables},
};
