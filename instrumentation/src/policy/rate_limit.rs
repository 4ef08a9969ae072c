//! So many in a second.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// So many in a second: a token bucket that is full at first, holds what one second brings, and is filled steadily.
///
/// After a quiet second there may be as many at once, and then one after the other. Its clones are one bucket, so that
/// several servers of a process can have one limit in common. Nobody waits: there is no lock.
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
/// // In a test, time passes when it is told to.
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
    /// When the bucket is full again, in nanoseconds of the clock.
    full_at: AtomicU64,
}

const SECOND: u64 = 1_000_000_000;

impl RateLimit {
    /// `count` in a second; with 0, none at all.
    pub fn per_second(count: u32) -> Self {
        let begun = Instant::now();
        Self::with_clock(count, move || begun.elapsed())
    }

    /// The same by a clock that says how long it has been running. A clock that goes back lets nobody pass until it has
    /// caught up.
    pub fn with_clock(count: u32, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        RateLimit(Arc::new(Bucket { per_second: count, clock: Box::new(clock), full_at: AtomicU64::new(0) }))
    }

    /// Takes a token, if there is one.
    pub(crate) fn admits(&self) -> bool {
        let bucket = &*self.0;
        if bucket.per_second == 0 {
            return false;
        }
        let count = u64::from(bucket.per_second);
        // Rounded up: never more than the limit.
        let interval = SECOND.div_ceil(count);
        let now = u64::try_from((bucket.clock)().as_nanos()).unwrap_or(u64::MAX);
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

    /// A limit, and the nanoseconds of its clock.
    fn limit(count: u32) -> (RateLimit, Arc<AtomicU64>) {
        let nanos = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&nanos);
        (RateLimit::with_clock(count, move || Duration::from_nanos(clock.load(Ordering::Relaxed))), nanos)
    }

    fn admitted(limit: &RateLimit, asked: usize) -> usize {
        (0..asked).filter(|_| limit.admits()).count()
    }

    #[test]
    fn the_first_second_is_there_at_once_and_then_each_comes_in_its_time() {
        let (limit, nanos) = limit(10);
        assert_eq!(admitted(&limit, 100), 10);
        nanos.store(99_999_999, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 0);
        nanos.store(100_000_000, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 1);
        nanos.store(450_000_000, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 3);
        nanos.store(500_000_000, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 1, "what half an interval brought is not lost");
    }

    #[test]
    fn a_quiet_hour_saves_up_no_more_than_a_second() {
        let (limit, nanos) = limit(3);
        nanos.store(3600 * SECOND, Ordering::Relaxed);
        assert_eq!(admitted(&limit, 100), 3);
    }

    #[test]
    fn it_is_never_more_than_the_limit_whatever_the_number() {
        for count in [1, 3, 7, 999] {
            let (limit, nanos) = limit(count);
            let asked = count as usize + 5;
            assert_eq!(admitted(&limit, asked), count as usize, "{count}");
            nanos.store(SECOND, Ordering::Relaxed);
            let second = admitted(&limit, asked);
            assert!(second <= count as usize && second + 1 >= count as usize, "{count}: {second}");
        }
        for count in [u32::MAX, 2_000_000_000] {
            assert_eq!(admitted(&limit(count).0, 100), 100);
        }
    }

    #[test]
    fn none_is_none() {
        let (limit, nanos) = limit(0);
        nanos.store(u64::MAX, Ordering::Relaxed);
        assert!(!limit.admits());
    }

    #[test]
    fn a_clock_at_its_ends_is_survived() {
        let (limit, nanos) = limit(2);
        nanos.store(u64::MAX, Ordering::Relaxed);
        assert!(limit.admits());
        nanos.store(0, Ordering::Relaxed);
        assert!(!limit.admits(), "it went back");
        let forever = RateLimit::with_clock(1, || Duration::MAX);
        assert!(forever.admits());
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
