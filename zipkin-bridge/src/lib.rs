//! Zipkin and [`anytrace_api`].

mod encoder;
mod endpoint;
mod json;
pub mod keys;

pub use self::encoder::Encoder;
