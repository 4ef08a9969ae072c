//! Counting what was refused and what went wrong.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A number that a policy and its clones share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
