//! One message, sent until it arrives or there is no more sense in it.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};

use super::{
    failure::{Again, Failure},
    transport::Transport,
};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// How long to wait between the attempts for one message.
pub(super) struct Backoff {
    /// Attempts that are left.
    left: u32,
    next: Duration,
    /// Each client's own, so that those that fail together do not come back together.
    jitter: f64,
}

impl Backoff {
    pub(super) fn new(retries: u32) -> Self {
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
pub(super) fn deliver(
    transport: &mut dyn Transport,
    request: &ExportTraceServiceRequest,
    deadline: Instant,
    mut backoff: Backoff,
    mut wait: impl FnMut(Duration),
) -> Result<ExportTraceServiceResponse, Failure> {
    let left = || deadline.saturating_duration_since(Instant::now());
    if left().is_zero() {
        return Err(Failure::timeout());
    }
    loop {
        match transport.send(request, deadline) {
            Ok(response) => return Ok(response),
            Err(failure) => match backoff.pause(failure.again, left()) {
                Some(pause) => wait(pause),
                None => return Err(failure),
            },
        }
    }
}
