//! Deadlines: what is promised for a time happens then, whatever a recorder does meanwhile.
//!
//! One thread for the process, there only while something is due.

use std::{cmp::Reverse, collections::BinaryHeap, sync::LazyLock, thread, time::Instant};

use parking_lot::{Condvar, Mutex};

type Work = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    due: BinaryHeap<Due>,
    number: u64,
    running: bool,
}

struct Due(Reverse<(Instant, u64)>, Work);

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

static TIMER: LazyLock<Timer> = LazyLock::new(Timer::default);

/// Does `work` at `when`, on a thread of the timer's. It must not block.
pub(crate) fn at(when: Instant, work: impl FnOnce() + Send + 'static) {
    let mut state = TIMER.state.lock();
    state.number += 1;
    let due = Due(Reverse((when, state.number)), Box::new(work));
    state.due.push(due);
    if !state.running {
        // Where no thread can be had, nothing happens at that time: the reporter answers when it is done.
        state.running = thread::Builder::new().name("anytrace-timer".to_owned()).spawn(run).is_ok();
    }
    drop(state);
    TIMER.changed.notify_one();
}

fn run() {
    let mut state = TIMER.state.lock();
    while let Some(Due(Reverse((when, _)), _)) = state.due.peek() {
        if Instant::now() < *when {
            let when = *when;
            TIMER.changed.wait_until(&mut state, when);
            continue;
        }
        let due = state.due.pop();
        parking_lot::MutexGuard::unlocked(&mut state, || {
            if let Some(Due(_, work)) = due {
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
    fn what_is_due_first_happens_first() {
        let (sender, receiver) = mpsc::channel();
        let now = Instant::now();
        for (after, name) in [(30, "second"), (10, "first")] {
            let sender = sender.clone();
            at(now + Duration::from_millis(after), move || sender.send((name, now.elapsed())).unwrap());
        }
        let first = receiver.recv().unwrap();
        assert_eq!(first.0, "first");
        assert!(first.1 >= Duration::from_millis(10));
        assert_eq!(receiver.recv().unwrap().0, "second");
    }
}
