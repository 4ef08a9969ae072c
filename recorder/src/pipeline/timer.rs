//! Calls at a given time, also while a recorder blocks the reporter thread.
//!
//! The process has one timer thread, which runs only while a call is scheduled.

use std::{collections::BTreeMap, sync::LazyLock, thread, time::Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

type Work = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By time. The number distinguishes calls that are due at the same time.
    due: BTreeMap<(Instant, u64), Work>,
    number: u64,
    is_running: bool,
}

static TIMER: LazyLock<Timer> = LazyLock::new(Timer::default);

/// A scheduled call. Dropping it cancels the call.
#[derive(Debug)]
#[must_use = "dropping it cancels the call"]
pub(super) struct ScheduledCall((Instant, u64));

impl Drop for ScheduledCall {
    fn drop(&mut self) {
        let mut state = TIMER.state.lock();
        let work = state.due.remove(&self.0);
        drop(state);
        if work.is_some() {
            TIMER.changed.notify_one();
        }
    }
}

/// Calls `work` at `when` on the timer thread. `work` must not block.
pub(super) fn schedule(when: Instant, work: impl FnOnce() + Send + 'static) -> ScheduledCall {
    let mut state = TIMER.state.lock();
    state.number += 1;
    let when = (when, state.number);
    state.due.insert(when, Box::new(work));
    if !state.is_running {
        // If the thread cannot be started, the call does not happen and the reporter completes the request.
        state.is_running = thread::Builder::new().name("anytrace-timer".to_owned()).spawn(run).is_ok();
    }
    drop(state);
    TIMER.changed.notify_one();
    ScheduledCall(when)
}

fn run() {
    let mut state = TIMER.state.lock();
    while let Some((when, _)) = state.due.first_key_value() {
        let when = when.0;
        if Instant::now() < when {
            TIMER.changed.wait_until(&mut state, when);
            continue;
        }
        let due = state.due.pop_first();
        MutexGuard::unlocked(&mut state, || {
            if let Some((_, work)) = due {
                work();
            }
        });
    }
    state.is_running = false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Duration};

    #[test]
    fn calls_happen_in_the_order_of_their_times_unless_cancelled() {
        let (sender, receiver) = mpsc::channel();
        let (opens, gate) = mpsc::channel::<()>();
        let now = Instant::now();
        // Blocks the timer thread until all calls are scheduled.
        let _gate = schedule(now, move || assert!(gate.recv().is_err()));
        let _calls = [(30, "second"), (20, "cancelled"), (10, "first")].map(|(after, name)| {
            let sender = sender.clone();
            let call = schedule(now + Duration::from_millis(after), move || {
                sender.send((name, now.elapsed())).unwrap();
            });
            (name != "cancelled").then_some(call)
        });
        drop(opens);
        let (first, second) = (receiver.recv().unwrap(), receiver.recv().unwrap());
        assert_eq!((first.0, second.0), ("first", "second"));
        assert!(first.1 >= Duration::from_millis(10) && second.1 >= Duration::from_millis(30));
    }
}
