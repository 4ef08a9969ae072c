//! Benchmarks for `cargo xtask bench`: the same workloads with anytrace and with other libraries.
//!
//! A *case* is one workload implemented by one party. Its code is in a function named `workload_…` that is never
//! inlined. Callgrind collects instructions between the entry and the exit of such a function. Any other symbol that
//! contains `workload_` would toggle the collection too, so these functions contain no closures and are passed as
//! function pointers, never as type parameters.
//!
//! | call | effect |
//! |---|---|
//! | `costs --list` | prints the workload, the party and the operations in one repeat of each case |
//! | `costs count WORKLOAD PARTY REPEATS` | runs one case under callgrind |
//! | `costs time GROUP ROUNDS SPANS` | runs all cases of a group in turn, and prints the time of each burst |
//! | `costs threads ROUNDS` | measures spans on one and on two threads |
//! | `allocations GROUP` | prints the allocations of each case |
//! | `allocations memory` | prints the memory of a full queue |
//!
//! The programs print one line per result, with fields separated by tabs.

mod anytrace;
mod case;
#[cfg(feature = "peers")]
mod peers;
mod run;

pub use run::{allocations, costs};
