//! The runner of the collector: a thread of the tracer, or the thread that asks for a flush.

mod caller;
mod request;
mod thread;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anytrace_api::flush::Done;

use self::{caller::CallerReporter, request::far_future, thread::ReporterThread};
use super::{collector::Collector, shards::Shards};

/// The deadline of a shutdown whose result no caller waits for.
const DETACHED_SHUTDOWN: Duration = Duration::from_secs(30);

/// Moves finished spans from the queues to the recorder.
pub(super) enum Reporter {
    /// On a thread that starts with the first span or flush.
    Thread(Arc<ReporterThread>),
    /// On the thread that flushes: for tests, which need no other thread to run.
    Caller(CallerReporter),
}

impl Reporter {
    pub(super) fn on_thread(shards: Arc<Shards>, collector: Collector, interval: Duration) -> Self {
        Reporter::Thread(Arc::new(ReporterThread::new(shards, collector, interval)))
    }

    pub(super) fn on_caller(shards: Arc<Shards>, collector: Collector) -> Self {
        Reporter::Caller(CallerReporter::new(shards, collector))
    }

    /// Starts the reporter thread, if this reporter has one that does not run yet.
    pub(super) fn start(&self) {
        if let Reporter::Thread(thread) = self {
            thread.start();
        }
    }

    /// Asks the reporter thread to drain the queues before its interval has passed.
    pub(super) fn wake(&self) {
        if let Reporter::Thread(thread) = self {
            thread.wake();
        }
    }

    /// Delivers all queued spans and calls `done`, at the deadline at the latest. With `is_shutdown`, the recorder is
    /// shut down as well.
    pub(super) fn flush(&self, timeout: Duration, is_shutdown: bool, done: Done) {
        let due = Instant::now().checked_add(timeout);
        match self {
            Reporter::Thread(thread) => thread.flush(due, is_shutdown, done),
            Reporter::Caller(caller) => caller.flush(due.unwrap_or_else(far_future), is_shutdown, done),
        }
    }

    /// Delivers all queued spans and shuts the recorder down; no caller waits for the result.
    pub(super) fn shutdown_detached(&self) {
        let deadline = Instant::now() + DETACHED_SHUTDOWN;
        match self {
            Reporter::Thread(thread) => thread.shutdown_detached(deadline),
            Reporter::Caller(caller) => caller.shutdown_detached(deadline),
        }
    }
}
