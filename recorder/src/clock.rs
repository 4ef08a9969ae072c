//! The clock: cheap to read on the hot path. Readings become wall time when a span is collected.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

#[cfg(not(miri))]
type Ticks = fastant::Instant;
#[cfg(miri)]
type Ticks = std::time::Instant;

/// The maximum age of an [`Anchor`]. The processor's counter drifts by a few parts in a million.
const MAX_ANCHOR_AGE: Duration = Duration::from_secs(10);

/// The source of time for a tracer.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use anytrace_recorder::Clock;
///
/// let clock = Clock::manual(SystemTime::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(3));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(3));
/// ```
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    /// The processor's time stamp counter.
    #[default]
    Counter,
    /// Nanoseconds since the epoch.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// Creates a clock that shows the system's time and is read from the processor's time stamp counter. Durations are
    /// monotonic.
    pub const fn system() -> Self {
        Clock(Source::Counter)
    }

    /// Creates a clock that changes only when it is [advanced](Self::advance), for tests.
    pub fn manual(now: SystemTime) -> Self {
        Clock(Source::Manual(Arc::new(AtomicU64::new(nanos(now)))))
    }

    /// Advances a manual clock and all its clones. Does nothing for the system clock.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// Returns the current time.
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            Source::Counter => SystemTime::now(),
            Source::Manual(now) => time(now.load(Ordering::Relaxed)),
        }
    }

    pub(crate) fn is_system(&self) -> bool {
        matches!(self.0, Source::Counter)
    }

    #[inline]
    pub(crate) fn moment(&self) -> Moment {
        match &self.0 {
            Source::Counter => Moment::Ticks(Ticks::now()),
            Source::Manual(now) => Moment::Wall(now.load(Ordering::Relaxed)),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Counter => "Clock(system)",
            Source::Manual(_) => "Clock(manual)",
        })
    }
}

/// A point in time, as it was read or given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    Ticks(Ticks),
    /// Nanoseconds since the epoch.
    Wall(u64),
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        Moment::Wall(nanos(time))
    }
}

/// A simultaneous reading of the counter and the wall clock, which converts one into the other.
#[derive(Clone, Copy)]
pub(crate) struct Anchor {
    ticks: Ticks,
    wall: u64,
}

impl Anchor {
    /// Returns the anchor of the process, so that the times of several tracers are comparable. An old one is renewed.
    pub(crate) fn current() -> Self {
        static CURRENT: OnceLock<parking_lot::Mutex<Anchor>> = OnceLock::new();
        let mut anchor = CURRENT.get_or_init(|| parking_lot::Mutex::new(Anchor::new())).lock();
        if anchor.ticks.elapsed() > MAX_ANCHOR_AGE {
            *anchor = Anchor::new();
        }
        *anchor
    }

    fn new() -> Self {
        Anchor { ticks: Ticks::now(), wall: nanos(SystemTime::now()) }
    }

    /// Converts a moment into nanoseconds since the epoch.
    pub(crate) fn wall(&self, moment: Moment) -> u64 {
        match moment {
            Moment::Wall(nanos) => nanos,
            Moment::Ticks(ticks) => match ticks.checked_duration_since(self.ticks) {
                Some(after) => self.wall.saturating_add(whole_nanos(after)),
                None => self.wall.saturating_sub(whole_nanos(self.ticks.saturating_duration_since(ticks))),
            },
        }
    }
}

fn whole_nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns nanoseconds since the epoch, clamped to the years 1970 to 2554.
pub(crate) fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, whole_nanos)
}

pub(crate) fn time(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_wall_time() {
        let before = nanos(SystemTime::now());
        let moment = Clock::system().moment();
        let wall = Anchor::new().wall(moment);
        let tolerance = Duration::from_millis(100).as_nanos() as u64;
        assert!(wall + tolerance >= before && wall <= nanos(SystemTime::now()) + tolerance);
    }

    #[test]
    fn an_explicit_time_keeps_its_nanoseconds() {
        let exact = UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        assert_eq!(time(Anchor::new().wall(exact.into())), exact);
        assert_eq!(nanos(UNIX_EPOCH - Duration::from_secs(1)), 0);
    }
}
