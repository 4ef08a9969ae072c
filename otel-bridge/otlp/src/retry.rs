//! One message, sent until it arrives or there is no more sense in it.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use crate::{
    failure::{Again, Failure},
    response::Response,
    transport::Transport,
};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// How long to wait between the attempts for one message.
pub(crate) struct Backoff {
    /// Attempts that are left.
    left: u32,
    next: Duration,
    /// Each client's own, so that those that fail together do not come back together.
    jitter: f64,
}

impl Backoff {
    pub(crate) fn new(retries: u32) -> Self {
        let chance = RandomState::new().hash_one(0) as f64 / u64::MAX as f64;
        Backoff::with(retries, chance)
    }

    /// `chance` is from 0 to 1.
    fn with(retries: u32, chance: f64) -> Self {
        Backoff { left: retries, next: FIRST, jitter: 0.8 + 0.4 * chance }
    }

    /// None when the attempt that failed was the last: there may be no more, or none would be in time.
    fn pause(&mut self, again: Again, time: Duration) -> Option<Duration> {
        let pause = match again {
            Again::Never => return None,
            Again::Later => self.next.mul_f64(self.jitter),
            Again::After(said) => said,
        };
        self.left = self.left.checked_sub(1)?;
        self.next = (self.next * 2).min(LONGEST);
        (pause < time).then_some(pause)
    }
}

/// The server's answer, or why the last attempt failed.
pub(crate) fn deliver(
    transport: &mut dyn Transport,
    message: &[u8],
    deadline: Instant,
    mut backoff: Backoff,
    mut wait: impl FnMut(Duration),
) -> Result<Response, Failure> {
    let left = || deadline.saturating_duration_since(Instant::now());
    if left().is_zero() {
        return Err(Failure::timeout());
    }
    loop {
        match transport.send(message, deadline) {
            Ok(response) => return Ok(response),
            Err(failure) => match backoff.pause(failure.again, left()) {
                Some(pause) => wait(pause),
                None => return Err(failure),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use anytrace_recorder::Loss;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn pauses(mut backoff: Backoff, again: Again, time: Duration) -> Vec<u64> {
        let next = || backoff.pause(again, time);
        std::iter::from_fn(next).take(20).map(|pause| pause.as_millis() as u64).collect()
    }

    #[test]
    fn pauses_double_up_to_the_longest_each_with_its_jitter() {
        let least = [80, 160, 320, 640, 1280, 2560, 4000, 4000];
        let most = [120, 240, 480, 960, 1920, 3840, 6000, 6000];
        assert_eq!(pauses(Backoff::with(8, 0.0), Again::Later, HOUR), least);
        assert_eq!(pauses(Backoff::with(8, 1.0), Again::Later, HOUR), most);
        for _ in 0..100 {
            let some = pauses(Backoff::new(8), Again::Later, HOUR);
            let bounds = least.iter().zip(&most);
            assert!(
                some.len() == 8
                    && some.iter().zip(bounds).all(|(ms, (least, most))| ms >= least && ms <= most)
            );
        }
    }

    #[test]
    fn a_server_that_says_when_is_heeded() {
        let said = Duration::from_millis(7);
        assert_eq!(pauses(Backoff::new(3), Again::After(said), HOUR), [7, 7, 7]);
        assert_eq!(pauses(Backoff::new(3), Again::After(Duration::ZERO), HOUR), [0, 0, 0]);
        assert!(pauses(Backoff::new(3), Again::After(Duration::MAX), HOUR).is_empty());
    }

    #[test]
    fn no_pause_is_begun_that_does_not_end_in_time() {
        assert!(pauses(Backoff::new(3), Again::Later, Duration::from_millis(80)).is_empty());
        assert!(pauses(Backoff::new(3), Again::After(HOUR), HOUR).is_empty());
        assert!(pauses(Backoff::new(3), Again::After(Duration::ZERO), Duration::ZERO).is_empty());
    }

    #[test]
    fn nothing_else_is_tried_again() {
        assert!(pauses(Backoff::new(3), Again::Never, HOUR).is_empty());
        assert!(pauses(Backoff::new(0), Again::Later, HOUR).is_empty());
    }

    /// Fails so often, and then takes everything.
    struct Fails(u32, Again);

    impl Transport for Fails {
        fn send(&mut self, _: &[u8], _: Instant) -> Result<Response, Failure> {
            let Some(left) = self.0.checked_sub(1) else { return Ok(Response::default()) };
            self.0 = left;
            Err(Failure { loss: Loss::ServerError, words: left.to_string(), again: self.1 })
        }
    }

    /// How it ended, and how often it waited.
    fn delivered(mut transport: Fails, retries: u32, deadline: Instant) -> (Result<(), String>, u32) {
        let mut waits = 0;
        let wait = |_| waits += 1;
        let result = deliver(&mut transport, b"", deadline, Backoff::new(retries), wait);
        (result.map(drop).map_err(|failure| failure.words), waits)
    }

    #[test]
    fn the_last_failure_is_the_one_that_counts() {
        let later = Instant::now() + HOUR;
        assert_eq!(delivered(Fails(0, Again::Later), 4, later), (Ok(()), 0));
        assert_eq!(delivered(Fails(4, Again::Later), 4, later), (Ok(()), 4));
        assert_eq!(delivered(Fails(5, Again::Later), 4, later), (Err("0".to_owned()), 4));
        assert_eq!(delivered(Fails(5, Again::Never), 4, later), (Err("4".to_owned()), 0));
        assert_eq!(delivered(Fails(5, Again::After(HOUR * 2)), 4, later), (Err("4".to_owned()), 0));
    }

    #[test]
    fn nothing_is_sent_after_the_deadline() {
        let (result, waits) = delivered(Fails(0, Again::Later), 4, Instant::now());
        assert_eq!((result, waits), (Err("the server did not answer in time".to_owned()), 0));
    }
}
