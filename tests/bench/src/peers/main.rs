//! `peers`: what `counts` does, with others' libraries, for `cargo xtask bench` to hold ours against.

mod fastrace;
mod opentelemetry;

use std::process::ExitCode;

use anytrace_bench::{Workload, program};

/// W4 of `reference/performance.md`.
const WORKLOADS: &[Workload] = &[
    ("opentelemetry_inject_traceparent", opentelemetry::inject_traceparent),
    ("opentelemetry_inject_w3c", opentelemetry::inject_w3c),
    ("opentelemetry_extract_traceparent", opentelemetry::extract_traceparent),
    ("opentelemetry_extract_w3c", opentelemetry::extract_w3c),
    ("fastrace_inject_traceparent", fastrace::inject_traceparent),
    ("fastrace_extract_traceparent", fastrace::extract_traceparent),
];

fn main() -> ExitCode {
    program(WORKLOADS)
}
