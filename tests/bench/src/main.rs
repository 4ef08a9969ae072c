//! `counts`: what `cargo xtask bench` counts the instructions of.
//!
//! `counts --list` names the workloads, one a line; `counts NAME N` does one N times, in a function of its own called
//! `workload_NAME`. Instructions are collected from its entry to its exit, and each entry or exit of something else
//! whose symbol holds that name turns this round: so such a function has no closures, and is passed around as a plain
//! pointer, never as a type. The figure is the difference of two runs, so whatever comes once is not in it: set-up,
//! and the warm-up, for which a workload is just called.

mod current;
mod off;
mod references;
mod setting;
mod spans;

use std::process::ExitCode;

type Workload = (&'static str, fn(u64));

/// The first seven rows of the table in `reference/core.md`, section 6, and what reading the current ids costs.
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
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (first, second) = (args.next(), args.next());
    match (first.as_deref(), second.and_then(|n| n.parse().ok())) {
        (Some("--list"), None) => WORKLOADS.iter().for_each(|(name, _)| println!("{name}")),
        (Some(asked), Some(repeats)) => {
            let Some((_, run)) = WORKLOADS.iter().find(|(name, _)| *name == asked) else {
                eprintln!("counts: there is no workload `{asked}`");
                return ExitCode::FAILURE;
            };
            run(repeats);
        }
        _ => {
            eprintln!("usage: counts --list | counts NAME N");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
