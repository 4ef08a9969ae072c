//! The synchronization types of shared baggage. The models in `tests/model` replace this file with the types of `loom`.

pub(crate) use std::sync::{Arc, OnceLock};
