//! Retries with exponential backoff.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use crate::{
    failure::{Failure, Retry},
    response::Response,
    transport::Transport,
};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pauses between the attempts to send one request.
pub(crate) struct Backoff {
    /// The number of retries that are left.
    retries: u32,
    next: Duration,
    /// A random factor, so that clients that fail together do not retry together.
    jitter: f64,
}

impl Backoff {
    pub(crate) fn new(retries: u32) -> Self {
        let random = RandomState::new().hash_one(0) as f64 / u64::MAX as f64;
        Backoff::with(retries, random)
    }

    /// `random` is from 0 to 1.
    fn with(retries: u32, random: f64) -> Self {
        Backoff { retries, next: FIRST_PAUSE, jitter: 0.8 + 0.4 * random }
    }

    /// Returns the pause before the next attempt, or `None` if no retry is left or the pause would exceed `remaining`.
    fn pause(&mut self, retry: Retry, remaining: Duration) -> Option<Duration> {
        let pause = match retry {
            Retry::Never => return None,
            Retry::Backoff => self.next.mul_f64(self.jitter),
            Retry::After(delay) => delay,
        };
        self.retries = self.retries.checked_sub(1)?;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        (pause < remaining).then_some(pause)
    }
}

/// Sends a request with retries, and returns the response or the failure of the last attempt.
pub(crate) fn deliver(
    transport: &mut dyn Transport,
    message: &[u8],
    deadline: Instant,
    mut backoff: Backoff,
    mut wait: impl FnMut(Duration),
) -> Result<Response, Failure> {
    let remaining = || deadline.saturating_duration_since(Instant::now());
    if remaining().is_zero() {
        return Err(Failure::timeout("the deadline passed before the request was sent"));
    }
    loop {
        match transport.send(message, deadline) {
            Ok(response) => return Ok(response),
            Err(failure) => match backoff.pause(failure.retry, remaining()) {
                Some(pause) => wait(pause),
                None => return Err(failure),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use anytrace_api::flush::{DropReason, ExportError};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn pauses(mut backoff: Backoff, retry: Retry, remaining: Duration) -> Vec<u64> {
        let next = || backoff.pause(retry, remaining);
        std::iter::from_fn(next).take(20).map(|pause| pause.as_millis() as u64).collect()
    }

    #[test]
    fn pauses_double_up_to_the_longest_with_jitter() {
        let least = [80, 160, 320, 640, 1280, 2560, 4000, 4000];
        let most = [120, 240, 480, 960, 1920, 3840, 6000, 6000];
        assert_eq!(pauses(Backoff::with(8, 0.0), Retry::Backoff, HOUR), least);
        assert_eq!(pauses(Backoff::with(8, 1.0), Retry::Backoff, HOUR), most);
        for _ in 0..100 {
            let some = pauses(Backoff::new(8), Retry::Backoff, HOUR);
            let bounds = least.iter().zip(&most);
            assert!(
                some.len() == 8
                    && some.iter().zip(bounds).all(|(ms, (least, most))| ms >= least && ms <= most)
            );
        }
    }

    #[test]
    fn the_delay_of_the_server_replaces_the_backoff() {
        let delay = Duration::from_millis(7);
        assert_eq!(pauses(Backoff::new(3), Retry::After(delay), HOUR), [7, 7, 7]);
        assert_eq!(pauses(Backoff::new(3), Retry::After(Duration::ZERO), HOUR), [0, 0, 0]);
        assert!(pauses(Backoff::new(3), Retry::After(Duration::MAX), HOUR).is_empty());
    }

    #[test]
    fn there_is_no_pause_beyond_the_deadline() {
        assert!(pauses(Backoff::new(3), Retry::Backoff, Duration::from_millis(80)).is_empty());
        assert!(pauses(Backoff::new(3), Retry::After(HOUR), HOUR).is_empty());
        assert!(pauses(Backoff::new(3), Retry::After(Duration::ZERO), Duration::ZERO).is_empty());
    }

    #[test]
    fn other_failures_are_not_retried() {
        assert!(pauses(Backoff::new(3), Retry::Never, HOUR).is_empty());
        assert!(pauses(Backoff::new(0), Retry::Backoff, HOUR).is_empty());
    }

    /// Fails the given number of times, and then succeeds.
    struct Fails(u32, Retry);

    impl Transport for Fails {
        fn send(&mut self, _: &[u8], _: Instant) -> Result<Response, Failure> {
            let Some(left) = self.0.checked_sub(1) else { return Ok(Response::default()) };
            self.0 = left;
            Err(Failure::new(ExportError::new(DropReason::ServerError, left.to_string()), self.1))
        }
    }

    /// Returns the result and the number of pauses.
    fn delivered(mut transport: Fails, retries: u32, deadline: Instant) -> (Result<(), String>, u32) {
        let mut waits = 0;
        let wait = |_| waits += 1;
        let result = deliver(&mut transport, b"", deadline, Backoff::new(retries), wait);
        (result.map(drop).map_err(|failure| failure.error.to_string()), waits)
    }

    #[test]
    fn the_last_failure_is_returned() {
        let later = Instant::now() + HOUR;
        assert_eq!(delivered(Fails(0, Retry::Backoff), 4, later), (Ok(()), 0));
        assert_eq!(delivered(Fails(4, Retry::Backoff), 4, later), (Ok(()), 4));
        assert_eq!(delivered(Fails(5, Retry::Backoff), 4, later), (Err("0".to_owned()), 4));
        assert_eq!(delivered(Fails(5, Retry::Never), 4, later), (Err("4".to_owned()), 0));
        assert_eq!(delivered(Fails(5, Retry::After(HOUR * 2)), 4, later), (Err("4".to_owned()), 0));
    }

    #[test]
    fn nothing_is_sent_after_the_deadline() {
        let (result, waits) = delivered(Fails(0, Retry::Backoff), 4, Instant::now());
        assert_eq!((result, waits), (Err("the deadline passed before the request was sent".to_owned()), 0));
    }
}
