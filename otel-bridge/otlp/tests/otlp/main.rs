//! `OtlpRecorder`: every span arrives as it was, or is accounted for, whatever the server does.
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
