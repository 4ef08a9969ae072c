//! What time it is, by one reading: the monotonic clock is read for each span, the wall's now and then.

use std::{
    cell::Cell,
    time::{Duration, Instant, SystemTime},
};

/// So long a thread goes by one reading of the wall's clock, and sees no step of it.
const LIFE: Duration = Duration::from_millis(100);

/// A thread that was interrupted between the two readings reads again for its next span.
const APART: Duration = Duration::from_micros(20);

/// One moment by both clocks.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) wall: SystemTime,
    instant: Instant,
}

thread_local! {
    static ANCHOR: Cell<Option<Moment>> = const { Cell::new(None) };
}

impl Moment {
    #[inline]
    pub(crate) fn now() -> Self {
        let instant = Instant::now();
        if let Some(anchor) = ANCHOR.get() {
            match instant.checked_duration_since(anchor.instant) {
                Some(since) if since < LIFE => return Moment { wall: anchor.wall + since, instant },
                _ => {}
            }
        }
        Self::read(instant)
    }

    #[cold]
    fn read(instant: Instant) -> Self {
        let moment = Moment { wall: SystemTime::now(), instant };
        ANCHOR.set((instant.elapsed() < APART).then_some(moment));
        moment
    }

    /// The wall's time now, however the wall's clock was set since.
    #[inline]
    pub(crate) fn later(self) -> SystemTime {
        self.wall + Instant::now().checked_duration_since(self.instant).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_walls_time() {
        let tolerance = Duration::from_millis(1);
        for _ in 0..3 {
            let before = SystemTime::now();
            let moment = Moment::now();
            let later = moment.later();
            let after = SystemTime::now();
            assert!(moment.wall + tolerance >= before && moment.wall <= later && later <= after + tolerance);
        }
    }
}
