//! What shared baggage is made of: the models in `tests/model` have a file of their own in place of this one.

pub(crate) use std::sync::{Arc, OnceLock};
