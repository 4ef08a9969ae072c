//! Models of the concurrent parts: the files that the crates are made of, driven by two or three threads.
//!
//! With `--cfg loom` every order in which the threads may meet is run, up to a number of switches where no thread
//! waits; otherwise the same models run many times on real threads.

// The unit tests of the included files run where the files belong.
#![cfg(not(test))]
#![allow(clippy::vec_box, reason = "as in the recorder")]

// What the included files refer to.
use account::Stats;

pub mod baggage;
mod limit;
pub mod queue;
mod record;
mod run;
pub mod slots;
mod sync;

pub use run::check;

/// The names that the included files of `anytrace-api` import.
mod model {
    pub(crate) use anytrace_api::{Baggage, errors::LimitKind};

    pub(crate) use crate::{limit::LimitError, sync};
}

#[allow(dead_code, unreachable_pub, missing_docs, reason = "these are parts of other crates")]
#[path = "../../../recorder/src/account.rs"]
mod account;
#[allow(dead_code, reason = "this is a part of another crate")]
#[path = "../../../recorder/src/budget.rs"]
mod budget;
#[allow(dead_code, reason = "this is a part of another crate")]
#[path = "../../../recorder/src/shard.rs"]
mod shard;
#[allow(dead_code, reason = "this is a part of another crate")]
#[path = "../../../recorder/src/shards.rs"]
mod shards;
#[allow(dead_code, reason = "this is a part of another crate")]
#[path = "../../../api/src/model/shared_baggage.rs"]
mod shared_baggage;
#[allow(dead_code, reason = "this is a part of another crate")]
#[path = "../../../recorder/src/slot.rs"]
mod slot;
