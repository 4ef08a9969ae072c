//! Helpers for tests that run one library with every backend.

mod backend;
mod otel;
mod tree;
mod work;
mod zipkin;

pub use self::{
    backend::{Backend, backends},
    work::{Headers, check, check_global, serve, serve_async},
};

/// Compiles and runs the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
