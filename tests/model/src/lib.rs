//! Models of the concurrent parts: source files of the other crates, driven by two or three threads.
//!
//! With `--cfg loom`, each model runs in every order of its threads' steps, up to a number of preemptions. Otherwise it
//! runs many times on real threads.

// The unit tests of the included files run in their own crates.
#![cfg(not(test))]
#![allow(clippy::vec_box, reason = "as in the recorder")]

pub mod baggage;
mod limit;
mod pipeline;
pub mod queue;
mod record;
mod run;
pub mod span_end;
mod sync;

pub use run::check;

/// The names that the included file of `anytrace-api` imports.
mod model {
    pub(crate) use anytrace_api::{Baggage, errors::LimitKind};

    pub(crate) use crate::{limit::LimitError, sync};
}

#[allow(dead_code, reason = "the models use a part of the API")]
#[path = "../../../api/src/model/shared_baggage.rs"]
mod shared_baggage;
#[allow(dead_code, reason = "the models use a part of the recorder")]
#[path = "../../../recorder/src/spans/take_once.rs"]
mod take_once;
