//! How a flush or shutdown ended, and the ways to wait for it.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use crate::{Done, Tracer, TracerExt};

/// How long a blocking form waits beyond the timeout for a backend to say how it ended.
const GRACE: Duration = Duration::from_millis(250);

/// What a flush or shutdown came to, honestly: an error does not say that nothing was delivered, and none does not
/// say that nothing was lost before.
///
/// ```
/// use anytrace_api::Flushed;
///
/// let mut flushed = Flushed::default();
/// flushed.delivered = 2;
/// flushed.dropped.add("queue full", 1);
/// assert_eq!(flushed.to_string(), "2 delivered, 1 dropped (queue full 1), 0 queued");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it says whether spans were lost"]
#[non_exhaustive]
pub struct Flushed {
    /// Whether it came to its end in time, and if so, what went wrong first since the last answer: for it, or before it
    /// while nobody was waiting.
    pub result: Result<(), FlushError>,
    /// Spans that the destination took, since the last answer.
    pub delivered: u64,
    /// Spans that were lost since the last answer, by reason.
    pub dropped: Dropped,
    /// Spans that still wait.
    pub queued: u64,
}

/// All is well and nothing happened.
impl Default for Flushed {
    fn default() -> Self {
        Flushed { result: Ok(()), delivered: 0, dropped: Dropped::default(), queued: 0 }
    }
}

impl Flushed {
    /// The answer of one that could not do it.
    pub fn failed(error: FlushError) -> Self {
        Flushed { result: Err(error), ..Self::default() }
    }
}

impl fmt::Display for Flushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Err(error) = &self.result {
            write!(f, "{error}: ")?;
        }
        write!(f, "{} delivered, {} dropped", self.delivered, self.dropped.total())?;
        if self.dropped.total() > 0 {
            write!(f, " ({})", self.dropped)?;
        }
        write!(f, ", {} queued", self.queued)
    }
}

/// Why a flush or shutdown did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushError {
    /// Time was over first.
    TimedOut,
    /// The destination refused or could not be reached: its words, escaped and cut.
    Failed(String),
    /// It was shut down before.
    ShutDown,
    /// The backend never said how it ended.
    Unanswered,
}

impl fmt::Display for FlushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlushError::TimedOut => f.write_str("timed out"),
            FlushError::Failed(why) => write!(f, "failed: {why}"),
            FlushError::ShutDown => f.write_str("shut down before"),
            FlushError::Unanswered => f.write_str("the backend never answered"),
        }
    }
}

impl Error for FlushError {}

/// Numbers of lost spans, by reason.
///
/// ```
/// let mut dropped = anytrace_api::Dropped::default();
/// dropped.add("queue full", 2);
/// dropped.add("queue full", 1);
/// assert_eq!((dropped.of("queue full"), dropped.of("timeout"), dropped.total()), (3, 0, 3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped(Vec<(&'static str, u64)>);

impl Dropped {
    /// Counts `spans` more for `reason`.
    pub fn add(&mut self, reason: &'static str, spans: u64) {
        if spans == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += spans,
            None => self.0.push((reason, spans)),
        }
    }

    /// How many for `reason`.
    pub fn of(&self, reason: &str) -> u64 {
        self.0.iter().find(|(known, _)| *known == reason).map_or(0, |(_, count)| *count)
    }

    /// How many in all.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Every reason and its number.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (reason, count)) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{reason} {count}")?;
        }
        Ok(())
    }
}

/// A flush or shutdown that has begun. Made by [`TracerExt::flush_async`] and [`TracerExt::shutdown_async`].
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
#[must_use = "the answer says whether spans were lost"]
pub struct FlushFuture(Arc<Answer>);

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

/// Shuts a tracer down when it is dropped. Made by [`TracerExt::shutdown_on_drop`].
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
#[must_use = "dropped at once, it shuts down at once"]
pub struct ShutdownGuard<T: Tracer> {
    tracer: T,
    /// None once it has shut down.
    timeout: Option<Duration>,
}

impl<T: Tracer> ShutdownGuard<T> {
    pub(crate) fn new(tracer: T, timeout: Duration) -> Self {
        ShutdownGuard { tracer, timeout: Some(timeout) }
    }

    /// The tracer.
    pub fn tracer(&self) -> &T {
        &self.tracer
    }

    /// Shuts down now and says how it went, which a drop cannot.
    pub fn shutdown(mut self) -> Flushed {
        self.end()
    }

    fn end(&mut self) -> Flushed {
        self.timeout.take().map_or_else(Flushed::default, |timeout| self.tracer.shutdown_blocking(timeout))
    }
}

impl<T: Tracer> Drop for ShutdownGuard<T> {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Where the backend's answer arrives.
#[derive(Debug, Default)]
struct Answer {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct State {
    flushed: Option<Flushed>,
    waker: Option<Waker>,
}

impl Answer {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(&self, flushed: Flushed) {
        let mut state = self.lock();
        state.flushed = Some(flushed);
        let waker = state.waker.take();
        drop(state);
        self.arrived.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The backend's end of it: an answer that is forgotten is an answer too.
struct Sender(Option<Arc<Answer>>);

impl Drop for Sender {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer.give(Flushed::failed(FlushError::Unanswered));
        }
    }
}

pub(crate) fn future(begin: impl FnOnce(Done)) -> FlushFuture {
    let answer = Arc::new(Answer::default());
    let mut sender = Sender(Some(answer.clone()));
    begin(Box::new(move |flushed| {
        if let Some(answer) = sender.0.take() {
            answer.give(flushed);
        }
    }));
    FlushFuture(answer)
}

pub(crate) fn blocking(timeout: Duration, begin: impl FnOnce(Done)) -> Flushed {
    let deadline = Instant::now().checked_add(timeout.saturating_add(GRACE));
    let answer = future(begin).0;
    let mut state = answer.lock();
    loop {
        if let Some(flushed) = state.flushed.take() {
            return flushed;
        }
        let left =
            deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Flushed::failed(FlushError::TimedOut);
        }
        let waited = answer.arrived.wait_timeout(state, left);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_never_given_is_an_error_at_once() {
        let flushed = blocking(Duration::from_secs(3600), drop);
        assert_eq!(flushed.result, Err(FlushError::Unanswered));
    }

    #[test]
    fn a_back_end_that_keeps_silent_is_not_waited_for() {
        let mut kept = None;
        let flushed = blocking(Duration::ZERO, |done| kept = Some(done));
        assert_eq!(flushed.result, Err(FlushError::TimedOut));
        assert!(kept.is_some());
    }

    #[test]
    fn an_answer_from_another_thread_arrives() {
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
