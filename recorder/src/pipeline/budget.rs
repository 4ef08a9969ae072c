//! Bounds over all queues together, which each thread seldom touches.

use crate::sync::{AtomicUsize, Ordering};

/// The bounds of all queues of a tracer.
#[derive(Debug)]
pub(crate) struct QueueBudget {
    pub(crate) spans: Budget,
    pub(crate) bytes: Budget,
}

impl QueueBudget {
    pub(crate) fn new(max_spans: usize, max_bytes: usize) -> Self {
        QueueBudget { spans: Budget::new(max_spans, 256), bytes: Budget::new(max_bytes, 256 * 1024) }
    }
}

/// A number of units that threads take and give back.
///
/// A thread takes a share and uses it up without contention. Shares get smaller as fewer units are left, so that
/// threads reserve little when units are scarce.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
    max_share: usize,
}

impl Budget {
    /// Creates a budget of `units`, taken in shares of at most `max_share`.
    pub(crate) fn new(units: usize, max_share: usize) -> Self {
        Budget { left: AtomicUsize::new(units), max_share }
    }

    /// Takes a share of at least `min` units. Returns `None` if fewer are left.
    pub(crate) fn take(&self, min: usize) -> Option<usize> {
        let mut left = self.left.load(Ordering::Relaxed);
        loop {
            let share = (left / 8).min(self.max_share).max(min);
            let remaining = left.checked_sub(share)?;
            match self.left.compare_exchange_weak(left, remaining, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(share),
                Err(current) => left = current,
            }
        }
    }

    pub(crate) fn give_back(&self, units: usize) {
        self.left.fetch_add(units, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_exceed_the_budget() {
        let budget = Budget::new(100, 64);
        let mut taken = 0;
        while let Some(share) = budget.take(1) {
            assert!((1..=64).contains(&share));
            taken += share;
        }
        assert_eq!(taken, 100);
        budget.give_back(5);
        assert_eq!((budget.take(6), budget.take(5)), (None, Some(5)));
    }
}
