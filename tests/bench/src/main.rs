//! `counts`: what `cargo xtask bench` counts the instructions of, beside those of `peers`.

mod current;
mod off;
mod propagation;
mod references;
mod setting;
mod spans;

use std::process::ExitCode;

use anytrace_bench::{Workload, program};

/// The first seven rows of the table in `reference/core.md`, section 6, what reading the current ids costs, and W4 of
/// `reference/performance.md`, alone and with baggage that is not there.
const WORKLOADS: &[Workload] = &[
    ("span_no_tags", spans::span_no_tags),
    ("span_4_tags_at_start", spans::span_4_tags_at_start),
    ("span_4_tags_after", spans::span_4_tags_after),
    ("span_4_tags_one_call", spans::span_4_tags_one_call),
    ("not_sampled_4_tags", spans::not_sampled_4_tags),
    ("ref_clone_recorded", references::ref_clone_recorded),
    ("ref_clone_not", references::ref_clone_not),
    ("enter_leave_recorded", references::enter_leave_recorded),
    ("enter_leave_not", references::enter_leave_not),
    ("set_tag_handle", references::set_tag_handle),
    ("set_tag_current", current::set_tag_current),
    ("start_span_beneath_current", current::start_span_beneath_current),
    ("current_ids", current::current_ids),
    ("future_poll", current::future_poll),
    ("start_nothing_installed", off::start_nothing_installed),
    ("noop_dyn", off::noop_dyn),
    ("noop_free", off::noop_free),
    ("scoped_override", off::scoped_override),
    ("inject_traceparent", propagation::inject_traceparent),
    ("inject_w3c", propagation::inject_w3c),
    ("extract_traceparent", propagation::extract_traceparent),
    ("extract_w3c", propagation::extract_w3c),
];

fn main() -> ExitCode {
    program(WORKLOADS)
}
