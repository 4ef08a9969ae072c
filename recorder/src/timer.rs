//! Deadlines: what is promised for a time happens then, whatever a recorder does meanwhile.
//!
//! One thread for the process, there only while something is due.

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
    /// By time, and by number where that is the same.
    due: BTreeMap<(Instant, u64), Work>,
    number: u64,
    running: bool,
}

static TIMER: LazyLock<Timer> = LazyLock::new(Timer::default);

/// Something that will be done unless this is dropped before.
#[derive(Debug)]
#[must_use = "dropped at once, it is never done"]
pub(crate) struct Appointment((Instant, u64));

impl Drop for Appointment {
    fn drop(&mut self) {
        let mut state = TIMER.state.lock();
        let work = state.due.remove(&self.0);
        drop(state);
        if work.is_some() {
            TIMER.changed.notify_one();
        }
    }
}

/// Does `work` at `when`, on a thread of the timer's. It must not block.
pub(crate) fn at(when: Instant, work: impl FnOnce() + Send + 'static) -> Appointment {
    let mut state = TIMER.state.lock();
    state.number += 1;
    let when = (when, state.number);
    state.due.insert(when, Box::new(work));
    if !state.running {
        // Where no thread can be had, nothing happens at that time: the reporter answers when it is done.
        state.running = thread::Builder::new().name("anytrace-timer".to_owned()).spawn(run).is_ok();
    }
    drop(state);
    TIMER.changed.notify_one();
    Appointment(when)
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
    state.running = false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Duration};

    #[test]
    fn what_is_due_first_happens_first_and_what_is_cancelled_never() {
        let (sender, receiver) = mpsc::channel();
        let (opens, gate) = mpsc::channel::<()>();
        let now = Instant::now();
        // Holds the timer's thread until all have an appointment.
        let _gate = at(now, move || assert!(gate.recv().is_err()));
        let _appointments = [(30, "second"), (20, "cancelled"), (10, "first")].map(|(after, name)| {
            let sender = sender.clone();
            let appointment =
                at(now + Duration::from_millis(after), move || sender.send((name, now.elapsed())).unwrap());
            (name != "cancelled").then_some(appointment)
        });
        drop(opens);
        let (first, second) = (receiver.recv().unwrap(), receiver.recv().unwrap());
        assert_eq!((first.0, second.0), ("first", "second"));
        assert!(first.1 >= Duration::from_millis(10) && second.1 >= Duration::from_millis(30));
    }
}
