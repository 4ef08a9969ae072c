//! The real servers that finished spans are sent to in the end-to-end tests: how the OpenTelemetry Collector and the
//! Zipkin server are started and ended, and what they hold, in one normal form that can be compared.
//!
//! A library, since two need it: `cargo xtask servers` starts servers for whoever wants some, and the tests start
//! more of their own, which they kill. It fetches nothing: that is xtask's.

mod collector;
mod held;
mod http;
mod poll;
mod ports;
mod product;
mod programs;
mod running;
mod server;
mod tail;
pub mod view;
mod zipkin;

pub use self::{
    held::{collected, collected_trace, cut_half_line, zipkin_count, zipkin_trace, zipkin_traces},
    poll::until,
    product::{Addresses, OTLP_FILE, OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN},
    programs::Programs,
    running::Running,
    server::Server,
    tail::Tail,
};
