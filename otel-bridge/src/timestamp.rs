//! Timestamps that cost one clock reading: each one reads the monotonic clock, and the wall clock is read every 100 ms.

use std::{
    cell::Cell,
    time::{Duration, Instant, SystemTime},
};

/// The time for which a thread reuses one reading of the wall clock. A step of the wall clock is not seen before.
const ANCHOR_LIFETIME: Duration = Duration::from_millis(100);

/// The longest time between the readings of both clocks. After a longer interruption, the pair is used once and not
/// reused.
const MAX_READ_GAP: Duration = Duration::from_micros(20);

/// A point in time, as read from the monotonic clock and the wall clock.
#[derive(Clone, Copy)]
pub(crate) struct Timestamp {
    pub(crate) wall: SystemTime,
    instant: Instant,
}

thread_local! {
    static ANCHOR: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

impl Timestamp {
    #[inline]
    pub(crate) fn now() -> Self {
        let instant = Instant::now();
        if let Some(anchor) = ANCHOR.get() {
            match instant.checked_duration_since(anchor.instant) {
                Some(since) if since < ANCHOR_LIFETIME => {
                    return Timestamp { wall: anchor.wall + since, instant };
                }
                _ => {}
            }
        }
        Self::read(instant)
    }

    #[cold]
    fn read(instant: Instant) -> Self {
        let timestamp = Timestamp { wall: SystemTime::now(), instant };
        ANCHOR.set((instant.elapsed() < MAX_READ_GAP).then_some(timestamp));
        timestamp
    }

    /// Returns the current time as this timestamp plus the monotonic time since then. A step of the wall clock in
    /// between has no effect.
    #[inline]
    pub(crate) fn wall_time_now(self) -> SystemTime {
        self.wall + Instant::now().checked_duration_since(self.instant).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_follow_the_wall_clock() {
        let tolerance = Duration::from_millis(1);
        for _ in 0..3 {
            let before = SystemTime::now();
            let timestamp = Timestamp::now();
            let later = timestamp.wall_time_now();
            let after = SystemTime::now();
            assert!(
                timestamp.wall + tolerance >= before && timestamp.wall <= later && later <= after + tolerance
            );
        }
    }
}
