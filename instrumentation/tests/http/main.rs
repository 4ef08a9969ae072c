//! Real servers and clients over loopback TCP.
#![allow(missing_docs, reason = "a test")]

mod body;
mod client;
mod harness;
mod method;
mod panic;
mod policy;
mod request_context;
mod server;
mod services;
mod trust;
mod vocabulary;
