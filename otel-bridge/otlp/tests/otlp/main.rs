//! `OtlpRecorder` against servers that work or fail: every span arrives unchanged, or is counted as dropped.
#![cfg(all(feature = "http", feature = "grpc"))]

mod collector;
mod encoding;
mod foreign;
mod grpc;
mod harness;
mod http;
mod mapping;
mod messages;
mod retries;
mod runtimes;
mod setup_errors;
#[cfg(feature = "tls")]
mod tls;
