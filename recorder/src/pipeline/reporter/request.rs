//! A flush or shutdown that a caller waits for.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use anytrace_api::flush::{Done, Flushed};
use parking_lot::Mutex;

use crate::pipeline::timer::ScheduledCall;

/// Stands for "no deadline", where an `Instant` is required.
const FAR_FUTURE: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Returns the deadline of a request without one.
pub(super) fn far_future() -> Instant {
    Instant::now() + FAR_FUTURE
}

/// A flush or shutdown that a caller waits for. The reporter and the timer compete for the callback, and the first of
/// them calls it.
pub(super) struct FlushRequest {
    pub(super) deadline: Instant,
    pub(super) is_shutdown: bool,
    done: Mutex<Option<Done>>,
    /// Completes the request at its deadline.
    timeout: Mutex<Option<ScheduledCall>>,
}

impl FlushRequest {
    pub(super) fn new(deadline: Instant, is_shutdown: bool, done: Done) -> Arc<Self> {
        let done = Mutex::new(Some(done));
        Arc::new(FlushRequest { deadline, is_shutdown, done, timeout: Mutex::default() })
    }

    /// Calls the callback. Returns false if the request was completed before.
    pub(super) fn complete(&self, flushed: impl FnOnce() -> Flushed) -> bool {
        let done = self.done.lock().take();
        drop(self.timeout.lock().take());
        let Some(done) = done else { return false };
        // The callback is the caller's code: its panic must not end the reporter thread.
        let _ = catch_unwind(AssertUnwindSafe(|| done(flushed())));
        true
    }

    pub(super) fn is_complete(&self) -> bool {
        self.done.lock().is_none()
    }

    /// Keeps the scheduled timeout, which the completion cancels.
    pub(super) fn set_timeout(&self, call: ScheduledCall) {
        let mut timeout = self.timeout.lock();
        // A request that is complete by now would never cancel it.
        if !self.is_complete() {
            *timeout = Some(call);
        }
    }
}
