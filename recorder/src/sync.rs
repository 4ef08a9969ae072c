//! Synchronization primitives. The models in `tests/model` replace this file, so that loom can control the threads.

pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

pub(crate) use parking_lot::{Mutex, MutexGuard};
