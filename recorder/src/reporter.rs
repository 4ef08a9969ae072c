//! Who runs the collector: a thread of the tracer's own, or whoever asks for a flush.

use std::{
    mem,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use anytrace_api::flush::{Done, FlushError, Flushed};
use parking_lot::{Condvar, Mutex};

use crate::{
    collector::{self, Collector},
    inner::Inner,
    timer::{self, Appointment},
};

/// How long a recorder may take to end when nobody waits for it.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// How a tracer's spans get to its recorder.
pub(crate) enum Reporter {
    /// By a thread, which starts with the first span or flush.
    Thread(Control),
    /// By whoever flushes: for tests, where nothing else may happen.
    Caller(Mutex<Option<Collector>>),
}

pub(crate) struct Control {
    state: Mutex<State>,
    changed: Condvar,
    interval: Duration,
}

#[derive(Default)]
struct State {
    /// Until the thread has it.
    collector: Option<Collector>,
    requests: Vec<Arc<Request>>,
    wake: bool,
    running: bool,
    /// The tracer has been shut down: the thread ends, or has.
    over: bool,
}

/// A flush or shutdown that somebody waits for. Whoever takes the callback answers, the reporter or the deadline.
struct Request {
    deadline: Instant,
    shutdown: bool,
    done: Mutex<Option<Done>>,
    /// To be answered at the deadline, unless it is over before.
    appointment: Mutex<Option<Appointment>>,
}

impl Request {
    fn new(deadline: Instant, shutdown: bool, done: Done) -> Arc<Self> {
        let done = Mutex::new(Some(done));
        Arc::new(Request { deadline, shutdown, done, appointment: Mutex::default() })
    }

    /// False where somebody has answered before.
    fn answer(&self, flushed: impl FnOnce() -> Flushed) -> bool {
        let done = self.done.lock().take();
        drop(self.appointment.lock().take());
        let Some(done) = done else { return false };
        // It is the caller's code: it may panic, and that is not the reporter's business.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| done(flushed())));
        true
    }
}

impl Reporter {
    pub(crate) fn thread(collector: Collector, interval: Duration) -> Self {
        let state = State { collector: Some(collector), ..State::default() };
        Reporter::Thread(Control { state: Mutex::new(state), changed: Condvar::new(), interval })
    }

    pub(crate) fn caller(collector: Collector) -> Self {
        Reporter::Caller(Mutex::new(Some(collector)))
    }

    /// Something waits that should not wait for long.
    pub(crate) fn wake(&self) {
        if let Reporter::Thread(control) = self {
            control.state.lock().wake = true;
            control.changed.notify_one();
        }
    }
}

/// Delivers what waits and calls `done`, at the deadline at the latest.
pub(crate) fn flush(inner: &Arc<Inner>, timeout: Duration, shutdown: bool, done: Done) {
    let due = Instant::now().checked_add(timeout);
    let deadline = due.unwrap_or_else(far_away);
    let control = match &inner.reporter {
        Reporter::Thread(control) => control,
        Reporter::Caller(collector) => return flush_here(inner, collector, deadline, shutdown, done),
    };
    if shutdown {
        inner.close();
    }
    let request = Request::new(deadline, shutdown, done);
    let mut state = control.state.lock();
    if state.over {
        drop(state);
        let result = if shutdown { Ok(()) } else { Err(FlushError::ShutDown) };
        request.answer(|| collector::answer(inner, result));
        return;
    }
    state.requests.push(request.clone());
    state.start(inner);
    let running = state.running;
    drop(state);
    control.changed.notify_one();
    if !running {
        let why = "the reporter's thread cannot be started".to_owned();
        request.answer(|| collector::answer(inner, Err(FlushError::Failed(why))));
        return;
    }
    if let Some(due) = due {
        let inner = Arc::downgrade(inner);
        let late = request.clone();
        let appointment = timer::at(due, move || expire(&inner, &late));
        // It may have been answered meanwhile: then nobody else would cancel it.
        let mut kept = request.appointment.lock();
        if request.done.lock().is_some() {
            *kept = Some(appointment);
        }
    }
}

fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(60 * 60 * 24 * 365)
}

/// The deadline has come, and the recorder has not.
fn expire(inner: &Weak<Inner>, request: &Request) {
    if request.done.lock().is_none() {
        return;
    }
    let Some(inner) = inner.upgrade() else { return };
    if request.shutdown {
        collector::abandon(&inner);
    }
    request.answer(|| collector::answer(&inner, Err(FlushError::TimedOut)));
}

fn flush_here(
    inner: &Inner,
    collector: &Mutex<Option<Collector>>,
    deadline: Instant,
    shutdown: bool,
    done: Done,
) {
    let was_closed = inner.is_closed();
    if shutdown {
        inner.close();
    }
    let result = deliver_here(inner, collector, deadline, shutdown);
    let result = if was_closed && !shutdown { Err(FlushError::ShutDown) } else { result };
    done(collector::answer(inner, result));
}

fn deliver_here(
    inner: &Inner,
    collector: &Mutex<Option<Collector>>,
    deadline: Instant,
    shutdown: bool,
) -> Result<(), FlushError> {
    let mut collector = collector.lock();
    let Some(current) = &mut *collector else { return Ok(()) };
    let collected = current.collect(inner, Some(deadline));
    if !shutdown {
        return collected.and(current.flush(deadline));
    }
    let last = collector.take();
    collected.and(last.map_or(Ok(()), |last| last.shutdown(deadline)))
}

/// What gives up in time is counted for its own reason, not given up with the rest. Sockets are woken up to an eighth
/// too late: timers of the operating system are the coarser the longer they run.
fn some_time_before(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 8 * 7
}

/// Starts the reporter's thread, where there is one and it does not run.
pub(crate) fn start(inner: &Arc<Inner>) {
    if let Reporter::Thread(control) = &inner.reporter {
        control.state.lock().start(inner);
    }
}

/// All handles to the tracer are gone: delivers what waits, and lets go of the recorder.
pub(crate) fn end(inner: &Arc<Inner>) {
    inner.close();
    let deadline = Instant::now() + LAST_WORDS;
    match &inner.reporter {
        Reporter::Caller(collector) => {
            let last = collector.lock().take();
            if let Some(mut last) = last {
                // Nobody is there to be told how it went.
                let _ = last.collect(inner, None);
                let _ = last.shutdown(deadline);
            }
        }
        Reporter::Thread(control) => {
            let mut state = control.state.lock();
            if state.running && !state.over {
                state.requests.push(Request::new(deadline, true, Box::new(drop)));
                drop(state);
                control.changed.notify_one();
            }
        }
    }
}

impl State {
    fn start(&mut self, inner: &Arc<Inner>) {
        if self.running || self.over {
            return;
        }
        let inner = inner.clone();
        let name = "anytrace-reporter".to_owned();
        self.running = thread::Builder::new().name(name).spawn(move || run(&inner)).is_ok();
    }
}

/// The life of the reporter's thread.
fn run(inner: &Arc<Inner>) {
    let Reporter::Thread(control) = &inner.reporter else { return };
    let Some(mut collector) = control.state.lock().collector.take() else { return };
    // What went wrong first while nobody was waiting is told to whoever does next.
    let mut untold = Ok(());
    loop {
        let requests = {
            let mut state = control.state.lock();
            if !state.wake && state.requests.is_empty() {
                control.changed.wait_for(&mut state, control.interval);
            }
            state.wake = false;
            mem::take(&mut state.requests)
        };
        // Who waits for a flush is answered in time; what is delivered goes on all the same, in its own time.
        let last = requests.iter().filter(|request| request.shutdown).map(|request| request.deadline).min();
        let last = last.map(some_time_before);
        untold = untold.and(collector.collect(inner, last));
        if requests.is_empty() {
            continue;
        }
        let mut result = mem::replace(&mut untold, Ok(()));
        if let Some(deadline) = last {
            result = result.and(collector.shutdown(deadline));
            let late = {
                let mut state = control.state.lock();
                state.over = true;
                state.running = false;
                mem::take(&mut state.requests)
            };
            for request in requests.iter().chain(&late) {
                request.answer(|| collector::answer(inner, result.clone()));
            }
            return;
        }
        result = result.and(collector.flush(collector.patience()));
        let answered = |request: &Arc<Request>| request.answer(|| collector::answer(inner, result.clone()));
        if requests.iter().filter(|request| answered(request)).count() == 0 {
            untold = result;
        }
    }
}
