//! The reporter thread: drains the queues on size, on time and on request.

use std::{
    mem,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use anytrace_api::flush::{Done, FlushError};
use parking_lot::{Condvar, Mutex};

use super::request::{FlushRequest, far_future};
use crate::pipeline::{
    collector::{self, Collector},
    shards::Shards,
    timer,
};

pub(in crate::pipeline) struct ReporterThread {
    shards: Arc<Shards>,
    state: Mutex<State>,
    changed: Condvar,
    interval: Duration,
}

#[derive(Default)]
struct State {
    /// `Some` until the thread takes it.
    collector: Option<Collector>,
    requests: Vec<Arc<FlushRequest>>,
    wake: bool,
    is_running: bool,
    /// The tracer has been shut down: the thread is about to end or has ended.
    is_shut_down: bool,
}

impl ReporterThread {
    pub(super) fn new(shards: Arc<Shards>, collector: Collector, interval: Duration) -> Self {
        let state = State { collector: Some(collector), ..State::default() };
        ReporterThread { shards, state: Mutex::new(state), changed: Condvar::new(), interval }
    }

    pub(super) fn start(self: &Arc<Self>) {
        self.start_locked(&mut self.state.lock());
    }

    fn start_locked(self: &Arc<Self>, state: &mut State) {
        if state.is_running || state.is_shut_down {
            return;
        }
        let reporter = self.clone();
        let name = "anytrace-reporter".to_owned();
        state.is_running = thread::Builder::new().name(name).spawn(move || reporter.run()).is_ok();
    }

    pub(super) fn wake(&self) {
        self.state.lock().wake = true;
        self.changed.notify_one();
    }

    /// Asks the thread for a flush or shutdown. `due` is `None` if there is no deadline.
    pub(super) fn flush(self: &Arc<Self>, due: Option<Instant>, is_shutdown: bool, done: Done) {
        let request = FlushRequest::new(due.unwrap_or_else(far_future), is_shutdown, done);
        let mut state = self.state.lock();
        if state.is_shut_down {
            drop(state);
            let result = if is_shutdown { Ok(()) } else { Err(FlushError::ShutDown) };
            request.complete(|| collector::flushed(&self.shards, result));
            return;
        }
        state.requests.push(request.clone());
        self.start_locked(&mut state);
        let is_running = state.is_running;
        drop(state);
        self.changed.notify_one();
        if !is_running {
            let error = "the reporter thread cannot be started".into();
            request.complete(|| collector::flushed(&self.shards, Err(FlushError::Failed(error))));
            return;
        }
        if let Some(due) = due {
            let (reporter, late) = (Arc::downgrade(self), request.clone());
            request.set_timeout(timer::schedule(due, move || time_out(&reporter, &late)));
        }
    }

    pub(super) fn shutdown_detached(&self, deadline: Instant) {
        let mut state = self.state.lock();
        if state.is_running && !state.is_shut_down {
            state.requests.push(FlushRequest::new(deadline, true, Box::new(drop)));
            drop(state);
            self.changed.notify_one();
        }
    }

    fn run(&self) {
        let Some(mut collector) = self.state.lock().collector.take() else { return };
        // The first error since the last completed request: the next request reports it.
        let mut unreported = Ok(());
        loop {
            let requests = self.next_requests();
            // A flush completes at its own deadline, and its delivery goes on. Only a shutdown shortens a delivery.
            let shutdowns = requests.iter().filter(|request| request.is_shutdown);
            let shutdown = shutdowns.map(|request| request.deadline).min().map(shortly_before);
            unreported = unreported.and(collector.collect(&self.shards, shutdown));
            if requests.is_empty() {
                continue;
            }
            let mut result = mem::replace(&mut unreported, Ok(()));
            if let Some(deadline) = shutdown {
                result = result.and(collector.shutdown(deadline));
                for request in requests.iter().chain(&self.shut_down()) {
                    request.complete(|| collector::flushed(&self.shards, result.clone()));
                }
                return;
            }
            result = result.and(collector.flush(collector.latest_end()));
            let complete = |request: &Arc<FlushRequest>| {
                request.complete(|| collector::flushed(&self.shards, result.clone()))
            };
            if requests.iter().filter(|request| complete(request)).count() == 0 {
                unreported = result;
            }
        }
    }

    /// Waits until the interval has passed, a queue is long or a request arrives.
    fn next_requests(&self) -> Vec<Arc<FlushRequest>> {
        let mut state = self.state.lock();
        if !state.wake && state.requests.is_empty() {
            self.changed.wait_for(&mut state, self.interval);
        }
        state.wake = false;
        mem::take(&mut state.requests)
    }

    /// Accepts no further request. Returns those that have arrived meanwhile.
    fn shut_down(&self) -> Vec<Arc<FlushRequest>> {
        let mut state = self.state.lock();
        state.is_shut_down = true;
        state.is_running = false;
        mem::take(&mut state.requests)
    }
}

/// Completes a request at its deadline, before the recorder has returned.
fn time_out(reporter: &Weak<ReporterThread>, request: &FlushRequest) {
    if request.is_complete() {
        return;
    }
    let Some(reporter) = reporter.upgrade() else { return };
    if request.is_shutdown {
        collector::abandon(&reporter.shards);
    }
    request.complete(|| collector::flushed(&reporter.shards, Err(FlushError::TimedOut)));
}

/// Stops early so that an export that timed out is counted under its own reason, not as `shutdown timeout`. An eighth
/// early, because operating systems wake sockets the later the longer the timer runs.
fn shortly_before(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 8 * 7
}
