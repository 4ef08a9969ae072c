//! What things cost: the same workloads with ours and with others' libraries, for `cargo xtask bench`.
//!
//! A *case* is one workload done by one party: a name for the row of a table, a name for the line in it, and what sets it
//! up. The work itself is in a function of its own called `workload_…`, which is never inlined. Instructions are
//! collected from the entry of such a function to its exit, and each entry or exit of something else whose symbol holds
//! `workload_` turns this round: so these functions have no closures, and are passed around as plain pointers, never as
//! types. The programs:
//!
//! | call | what it does |
//! |---|---|
//! | `costs --list` | a line for each case: workload, party, and the operations in one repeat |
//! | `costs count WORKLOAD PARTY REPEATS` | does one case, to be run by callgrind |
//! | `costs time GROUP ROUNDS SPANS` | does all cases of a group in turn, and prints what each burst took |
//! | `costs threads ROUNDS` | spans on one and on two threads |
//! | `allocations GROUP` | what each case allocates |
//! | `allocations memory` | what a full queue holds |
//!
//! What they print is one line per figure, its parts divided by tabs.

mod case;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod run;

pub use run::{allocations, costs};
