//! Polls futures and runs threads for the checks, which need no async runtime.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    mem, panic,
    pin::{Pin, pin},
    rc::Rc,
    sync::{Arc, Barrier},
    task::{Context, Poll, Wake, Waker},
    thread::{self, ScopedJoinHandle, Thread},
    time::{Duration, Instant},
};

use crate::areas::current::no_span_is_current;
use crate::case::Checked;

/// Longer than any call of a correct backend takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Returns `Pending` once, so that other tasks can run.
pub(crate) async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Returns the output of a future that is ready at its first poll.
pub(crate) fn ready<F: Future>(future: F) -> Result<F::Output, String> {
    match poll_once(pin!(future)) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err("the future is not ready".to_owned()),
    }
}

/// Waits for a future that another thread wakes.
pub(crate) fn wait_for<F: Future>(future: F) -> Result<F::Output, String> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut future, since) = (pin!(future), Instant::now());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ok(output);
        }
        let left = LONG.saturating_sub(since.elapsed());
        if left.is_zero() {
            return Err("the future was not woken".to_owned());
        }
        thread::park_timeout(left);
    }
}

type Task<'a> = Pin<Box<dyn Future<Output = Checked> + 'a>>;

/// Tasks of one thread that alternate at their await points.
#[derive(Clone, Default)]
pub(crate) struct Tasks<'a>(Rc<RefCell<VecDeque<Task<'a>>>>);

impl<'a> Tasks<'a> {
    pub(crate) fn spawn(&self, task: impl Future<Output = Checked> + 'a) {
        self.0.borrow_mut().push_back(Box::pin(task));
    }

    /// Polls the tasks in turn until all are ready. Between two polls no span may be current.
    pub(crate) fn run(&self) -> Checked {
        loop {
            let Some(mut task) = self.0.borrow_mut().pop_front() else { return Ok(()) };
            match poll_once(task.as_mut()) {
                Poll::Ready(checked) => checked?,
                Poll::Pending => self.0.borrow_mut().push_back(task),
            }
            no_span_is_current("between two polls")?;
        }
    }
}

/// Joins a thread and propagates its panic.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, String>>) -> Result<T, String> {
    thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
}

pub(crate) fn on_a_thread<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| joined(scope.spawn(work)))
}

/// Runs `work` on `count` threads that start at the same time, and returns all results.
pub(crate) fn on_threads<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let begin = Barrier::new(count);
    let work = |number| {
        begin.wait();
        work(number)
    };
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(joined).collect()
    })
}
