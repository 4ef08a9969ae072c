//! Servers and clients over loopback TCP.
#![allow(missing_docs, reason = "a test")]

mod client_spans;
mod harness;
mod panics;
mod policies;
mod propagation_trust;
mod request_context;
mod response_body;
mod semantic_conventions;
mod server_spans;
mod skipped_requests;
mod span_names;
mod two_services;
