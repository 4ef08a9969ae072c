//! Waiting for a flush or shutdown, and shutting down at the end of a scope.

use std::{
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use crate::backend::{
    Tracer,
    flush::{Done, FlushError, Flushed},
};

/// The time that a blocking flush waits beyond its timeout for the backend.
const GRACE: Duration = Duration::from_millis(250);

/// A future that resolves when a flush or shutdown is over. Created by
/// [`TracerExt::flush_async`](crate::TracerExt::flush_async) and
/// [`TracerExt::shutdown_async`](crate::TracerExt::shutdown_async).
///
/// ```
/// # use std::time::Duration;
/// use anytrace_api::TracerExt;
///
/// async fn stop() {
///     let flushed = anytrace_api::tracer().shutdown_async(Duration::from_secs(5)).await;
///     println!("{flushed}");
/// }
/// # let _ = stop();
/// ```
#[derive(Debug)]
#[must_use = "the result says whether spans were dropped"]
pub struct FlushFuture(Arc<FlushCompletion>);

impl Future for FlushFuture {
    type Output = Flushed;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Flushed> {
        let mut state = self.0.lock();
        if let Some(flushed) = state.flushed.take() {
            return Poll::Ready(flushed);
        }
        let earlier = state.waker.replace(cx.waker().clone());
        drop(state);
        drop(earlier);
        Poll::Pending
    }
}

/// A guard that shuts a tracer down when it is dropped. Created by
/// [`TracerExt::shutdown_on_drop`](crate::TracerExt::shutdown_on_drop).
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::TracerExt;
///
/// let guard = anytrace_api::tracer().shutdown_on_drop(Duration::from_secs(5));
/// // … the application …
/// let flushed = guard.shutdown();
/// assert!(flushed.result.is_ok());
/// ```
#[derive(Debug)]
#[must_use = "a guard that is dropped at once shuts the tracer down at once"]
pub struct ShutdownGuard<T: Tracer> {
    tracer: T,
    /// `None` after the shutdown.
    timeout: Option<Duration>,
}

impl<T: Tracer> ShutdownGuard<T> {
    pub(super) fn new(tracer: T, timeout: Duration) -> Self {
        ShutdownGuard { tracer, timeout: Some(timeout) }
    }

    /// Returns the tracer.
    pub fn tracer(&self) -> &T {
        &self.tracer
    }

    /// Shuts the tracer down now and returns the result, which a drop cannot.
    pub fn shutdown(mut self) -> Flushed {
        self.end()
    }

    fn end(&mut self) -> Flushed {
        let Some(timeout) = self.timeout.take() else { return Flushed::default() };
        blocking(timeout, |done| self.tracer.shutdown(timeout, done))
    }
}

impl<T: Tracer> Drop for ShutdownGuard<T> {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The result of a flush, from the backend to the waiting caller.
#[derive(Debug, Default)]
struct FlushCompletion {
    state: Mutex<State>,
    completed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    flushed: Option<Flushed>,
    waker: Option<Waker>,
}

impl FlushCompletion {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn complete(&self, flushed: Flushed) {
        let mut state = self.lock();
        state.flushed = Some(flushed);
        let waker = state.waker.take();
        drop(state);
        self.completed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Completes the flush when the backend calls `Done`, or drops it without a call.
struct CompleteOnDrop(Option<Arc<FlushCompletion>>);

impl Drop for CompleteOnDrop {
    fn drop(&mut self) {
        if let Some(completion) = self.0.take() {
            completion.complete(Flushed::failed(FlushError::Unanswered));
        }
    }
}

pub(super) fn future(begin: impl FnOnce(Done)) -> FlushFuture {
    let completion = Arc::new(FlushCompletion::default());
    let mut complete = CompleteOnDrop(Some(completion.clone()));
    begin(Box::new(move |flushed| {
        if let Some(completion) = complete.0.take() {
            completion.complete(flushed);
        }
    }));
    FlushFuture(completion)
}

pub(super) fn blocking(timeout: Duration, begin: impl FnOnce(Done)) -> Flushed {
    let deadline = Instant::now().checked_add(timeout.saturating_add(GRACE));
    let completion = future(begin).0;
    let mut state = completion.lock();
    loop {
        if let Some(flushed) = state.flushed.take() {
            return flushed;
        }
        let left =
            deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Flushed::failed(FlushError::TimedOut);
        }
        let waited = completion.completed.wait_timeout(state, left);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_done_is_an_error_at_once() {
        let flushed = blocking(Duration::from_secs(3600), drop);
        assert_eq!(flushed.result, Err(FlushError::Unanswered));
    }

    #[test]
    fn waiting_ends_at_the_timeout() {
        let mut kept = None;
        let flushed = blocking(Duration::ZERO, |done| kept = Some(done));
        assert_eq!(flushed.result, Err(FlushError::TimedOut));
        assert!(kept.is_some());
    }

    #[test]
    fn a_result_from_another_thread_arrives() {
        let flushed = blocking(Duration::from_secs(60), |done| {
            std::thread::spawn(|| {
                done(Flushed { delivered: 7, ..Flushed::default() });
            });
        });
        assert_eq!(flushed.delivered, 7);
    }

    #[test]
    fn the_future_wakes_its_task() {
        let mut kept = None;
        let mut future = future(|done| kept = Some(done));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut future).poll(&mut cx).is_pending());
        kept.take().unwrap()(Flushed::default());
        assert_eq!(Pin::new(&mut future).poll(&mut cx), Poll::Ready(Flushed::default()));
    }
}
