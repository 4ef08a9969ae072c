//! How much may wait: a bound over all threads that each of them seldom touches.

use crate::sync::{AtomicUsize, Ordering};

/// A number of things that may be taken, and given back.
///
/// A thread takes a share, and uses it up without touching what others touch. Shares get smaller as less is left, so
/// that little lies idle when it matters.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
    share: usize,
}

impl Budget {
    /// `all` things, in shares of at most `share`.
    pub(crate) fn new(all: usize, share: usize) -> Self {
        Budget { left: AtomicUsize::new(all), share }
    }

    /// Takes a share of at least `least`; none when that is not left.
    pub(crate) fn take(&self, least: usize) -> Option<usize> {
        let mut left = self.left.load(Ordering::Relaxed);
        loop {
            let share = (left / 8).min(self.share).max(least);
            let rest = left.checked_sub(share)?;
            match self.left.compare_exchange_weak(left, rest, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(share),
                Err(now) => left = now,
            }
        }
    }

    pub(crate) fn give_back(&self, things: usize) {
        self.left.fetch_add(things, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_exceed_the_whole() {
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
