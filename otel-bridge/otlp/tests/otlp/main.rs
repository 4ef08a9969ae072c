//! `OtlpRecorder` against servers that work or fail: every span arrives unchanged, or is counted as dropped.
#![cfg(all(feature = "http", feature = "grpc"))]

mod collector;
mod common;
mod encoding;
mod foreign;
mod grpc;
mod http;
mod mapping;
mod messages;
mod retries;
mod runtimes;
mod setup;
#[cfg(feature = "tls")]
mod tls;
