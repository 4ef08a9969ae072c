//! What the hand-over is made of: the models in `tests/model` have a file of their own in place of this one.

pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

pub(crate) use parking_lot::{Mutex, MutexGuard};
