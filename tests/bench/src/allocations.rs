//! The program `allocations`, which counts the allocations of all cases.

use std::{alloc::System, process::ExitCode};

use alloc_tracker::Allocator;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTING: Allocator<&StatsAlloc<System>> = Allocator::new(&INSTRUMENTED_SYSTEM);

fn main() -> ExitCode {
    anytrace_bench::allocations()
}
