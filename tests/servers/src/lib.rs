//! The real servers of the end-to-end tests: starting and stopping the OpenTelemetry Collector and the Zipkin server,
//! and reading their spans in one form that can be compared.
//!
//! This is a library because `cargo xtask servers` and the tests both use it: the command starts servers for manual
//! tests, and the tests start further ones that they kill. The programs are not fetched here; xtask fetches them.

mod collector;
mod http;
mod poll;
mod ports;
mod product;
mod programs;
mod read_spans;
mod running;
mod server;
mod tail;
pub mod view;
mod zipkin;

pub use self::{
    poll::until,
    product::{Addresses, OTLP_FILE, OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN},
    programs::Programs,
    read_spans::{
        collected, collected_trace, remove_incomplete_line, zipkin_count, zipkin_trace, zipkin_traces,
    },
    running::Running,
    server::Server,
    tail::Tail,
};
