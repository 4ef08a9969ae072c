//! What the programs of this package share: `counts`, which is ours, and `peers`, which does the same with others'
//! libraries.
//!
//! `PROGRAM --list` names the workloads, one a line; `PROGRAM NAME N` does one N times, in a function of its own called
//! `workload_NAME`. Instructions are collected from its entry to its exit, and each entry or exit of something else
//! whose symbol holds that name turns this round: so such a function has no closures, and is passed around as a plain
//! pointer, never as a type. The figure is the difference of two runs, so whatever comes once is not in it: set-up,
//! and the warm-up, for which a workload is just called.

use std::{hint::black_box, process::ExitCode};

/// A name, and what does it so many times.
pub type Workload = (&'static str, fn(u64));

/// How often a workload is done before it is counted.
pub const WARM_UP: u64 = 16;

/// What every party reads.
pub const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The whole of a program but for its workloads.
pub fn program(workloads: &[Workload]) -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (first, second) = (args.next(), args.next());
    match (first.as_deref(), second.and_then(|n| n.parse().ok())) {
        (Some("--list"), None) => workloads.iter().for_each(|(name, _)| println!("{name}")),
        (Some(asked), Some(repeats)) => {
            let Some((_, run)) = workloads.iter().find(|(name, _)| *name == asked) else {
                eprintln!("there is no workload `{asked}`");
                return ExitCode::FAILURE;
            };
            run(repeats);
        }
        _ => {
            eprintln!("arguments: --list | NAME N");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// To be called first by a workload that does the same as another one: else the compiler makes one function of the two,
/// and one of the names is gone.
#[inline]
pub fn distinct(name: &'static str) {
    black_box(name);
}
