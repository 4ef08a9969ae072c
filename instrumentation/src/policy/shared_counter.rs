//! [`SharedCounter`]: a count that clones of a policy share.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A count that a policy and its clones share.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedCounter(Arc<AtomicU64>);

impl SharedCounter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
