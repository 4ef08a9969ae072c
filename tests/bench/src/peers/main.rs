//! `peers`: what `counts` does, with others' libraries, for `cargo xtask bench` to hold ours against.

mod fastrace;
mod opentelemetry;

use std::process::ExitCode;

use anytrace_bench::{Workload, program};

/// W4 of `reference/performance.md`.
const WORKLOADS: &[Workload] = &[
    ("opentelemetry_inject", opentelemetry::inject),
    ("opentelemetry_extract", opentelemetry::extract),
    ("fastrace_inject", fastrace::inject),
    ("fastrace_extract", fastrace::extract),
];

fn main() -> ExitCode {
    program(WORKLOADS)
}
