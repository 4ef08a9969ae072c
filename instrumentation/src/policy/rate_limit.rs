//! [`RateLimit`]: a token bucket without locks.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A limit of events per second, as a token bucket that starts full.
///
/// The bucket holds the tokens of one second and is refilled steadily: after a second without events, a burst of that
/// many is admitted, and then one event per interval. Clones share one bucket, so that several servers of a process can
/// share a limit. Taking a token never waits and takes no lock.
///
/// ```
/// use std::{
///     sync::{Arc, atomic::{AtomicU64, Ordering}},
///     time::Duration,
/// };
/// use anytrace_instrumentation::{RateLimit, ServerPolicy};
///
/// let policy = ServerPolicy::new().forced_traces(RateLimit::per_second(10));
/// # let _ = policy;
///
/// // With a clock for tests:
/// let millis = Arc::new(AtomicU64::new(0));
/// let clock = Arc::clone(&millis);
/// let limit = RateLimit::with_clock(10, move || Duration::from_millis(clock.load(Ordering::Relaxed)));
/// millis.fetch_add(100, Ordering::Relaxed);
/// # let _ = limit;
/// ```
#[derive(Clone)]
pub struct RateLimit(Arc<Bucket>);

struct Bucket {
    per_second: u32,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
    /// The time at which the bucket is full again, in nanoseconds of the clock.
    full_at: AtomicU64,
}

const SECOND: u64 = 1_000_000_000;

impl RateLimit {
    /// Creates a limit of `count` events per second. With 0, no event is admitted.
    pub fn per_second(count: u32) -> Self {
        let begun = Instant::now();
        Self::with_clock(count, move || begun.elapsed())
    }

    /// Creates a limit of `count` events per second that reads the time from `clock`: for tests.
    ///
    /// The clock returns the time since any fixed point. If it goes backwards, no event is admitted until it has caught
    /// up.
    pub fn with_clock(count: u32, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        RateLimit(Arc::new(Bucket { per_second: count, clock: Box::new(clock), full_at: AtomicU64::new(0) }))
    }

    /// Takes a token. Returns false if the bucket is empty.
    pub(crate) fn try_take(&self) -> bool {
        let bucket = &*self.0;
        if bucket.per_second == 0 {
            return false;
        }
        let count = u64::from(bucket.per_second);
        // Rounds up, so that no second has more events than the limit.
        let interval = SECOND.div_ceil(count);
        let now = u64::try_from((bucket.clock)().as_nanos()).unwrap_or(u64::MAX);
        // Each token moves the time at which the bucket is full by one interval (GCRA), so one atomic holds all state.
        let take = |full_at: u64| {
            let missing = full_at.saturating_sub(now);
            let is_empty = missing > interval * (count - 1);
            (!is_empty).then(|| full_at.max(now).saturating_add(interval))
        };
        bucket.full_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimit({} per second)", self.0.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Returns a limit, and the time of its clock in nanoseconds.
    fn limit(count: u32) -> (RateLimit, Arc<AtomicU64>) {
        let nanos = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&nanos);
        (RateLimit::with_clock(count, move || Duration::from_nanos(clock.load(Ordering::Relaxed))), nanos)
    }

    fn admitted(limit: &RateLimit, attempts: usize) -> usize {
        (0..attempts).filter(|_| limit.try_take()).count()
    }

    #[test]
    fn a_full_bucket_admits_a_burst_and_then_one_event_per_interval() {
        let (limit, nanos) = limit(10);
        assert_eq!(admitted(&limit, 100), 10);
        nanos.store(99_999_999, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 0);
        nanos.store(100_000_000, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 1);
        nanos.store(450_000_000, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 3);
        nanos.store(500_000_000, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 1, "half an interval is not lost");
    }

    #[test]
    fn a_bucket_holds_no_more_than_one_second_of_tokens() {
        let (limit, nanos) = limit(3);
        nanos.store(3600 * SECOND, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 3);
    }

    #[test]
    fn no_second_admits_more_than_the_limit() {
        for count in [1, 3, 7, 999] {
            let (limit, nanos) = limit(count);
            let attempts = count as usize + 5;
            assert_eq!(admitted(&limit, attempts), count as usize, "{count}");
            nanos.store(SECOND, Ordering::Relaxed);
            let second = admitted(&limit, attempts);
            assert!(second <= count as usize && second + 1 >= count as usize, "{count}: {second}");
        }
        for count in [u32::MAX, 2_000_000_000] {
            assert_eq!(admitted(&limit(count).0, 100), 100);
        }
    }

    #[test]
    fn a_limit_of_zero_admits_nothing() {
        let (limit, nanos) = limit(0);
        nanos.store(u64::MAX, Ordering::Relaxed);
        assert!(!limit.try_take());
    }

    #[test]
    fn extreme_and_backward_clocks_do_not_panic() {
        let (limit, nanos) = limit(2);
        nanos.store(u64::MAX, Ordering::Relaxed);
        assert!(limit.try_take());
        nanos.store(0, Ordering::Relaxed);
        assert!(!limit.try_take(), "the clock went backwards");
        let forever = RateLimit::with_clock(1, || Duration::MAX);
        assert!(forever.try_take());
    }

    #[test]
    fn threads_share_one_bucket() {
        let (limit, _) = limit(100);
        let admitted: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let limit = limit.clone();
                    scope.spawn(move || admitted(&limit, 50))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(admitted, 100);
    }
}
