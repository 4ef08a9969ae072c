//! The same library under every backend: what the swap tests share.

mod backend;
mod otel;
mod tree;
mod work;
mod zipkin;

pub use self::{
    backend::{Backend, backends},
    work::{Headers, check, check_global, serve, serve_async},
};

/// What the README shows compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
