//! Flush and shutdown of a provider, which know no way but to block.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use anytrace_api::flush::{Done, FlushError, Flushed};

use crate::shared::foreign;

/// How a provider is flushed and shut down: OpenTelemetry's API has no words for it.
///
/// It runs on a thread of the bridge, and may block there; never two calls at once. With the feature `sdk`,
/// `SdkTracerProvider` is one.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{TracerExt, flush::FlushError};
/// use anytrace_otel_bridge::{Control, OtelTracer};
/// use opentelemetry::trace::noop::NoopTracerProvider;
///
/// struct Mine;
///
/// impl Control for Mine {
///     fn flush(&self, _timeout: Duration) -> Result<(), FlushError> {
///         Ok(())
///     }
///     fn shutdown(&self, timeout: Duration) -> Result<(), FlushError> {
///         self.flush(timeout)
///     }
/// }
///
/// let tracer = OtelTracer::builder(NoopTracerProvider::new()).control(Mine).build();
/// assert!(tracer.flush_blocking(Duration::from_secs(5)).result.is_ok());
/// ```
pub trait Control: Send + Sync + 'static {
    /// Delivers what has finished so far, within `timeout`.
    ///
    /// # Errors
    ///
    /// When it did not, with the reason.
    fn flush(&self, timeout: Duration) -> Result<(), FlushError>;

    /// The same, and nothing is delivered from then on. Called once.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    fn shutdown(&self, timeout: Duration) -> Result<(), FlushError>;
}

/// Runs a [`Control`] on a thread of its own, and answers in time.
pub(crate) struct Controller {
    control: Option<Arc<dyn Control>>,
    /// One call at a time.
    turn: Arc<Mutex<()>>,
}

#[derive(Clone, Copy)]
pub(crate) enum What {
    Flush,
    Shutdown,
}

impl Controller {
    pub(crate) fn new(control: Option<Arc<dyn Control>>) -> Self {
        Controller { control, turn: Arc::default() }
    }

    pub(crate) fn run(&self, what: What, timeout: Duration, done: Done) {
        let Some(control) = self.control.clone() else {
            let why = "the provider cannot be flushed: no control was given to the bridge".to_owned();
            return done(Flushed::failed(FlushError::Failed(why)));
        };
        let turn = self.turn.clone();
        let deadline = Instant::now().checked_add(timeout);
        let (answer, answered) = mpsc::sync_channel(1);
        let work = move || {
            let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let left =
                deadline.map_or(timeout, |deadline| deadline.saturating_duration_since(Instant::now()));
            // Who waited for its turn beyond its time has been answered; a shutdown must happen all the same.
            let result = match what {
                What::Flush if left.is_zero() && !timeout.is_zero() => Err(FlushError::TimedOut),
                What::Flush => run(|| control.flush(left)),
                What::Shutdown => run(|| control.shutdown(left)),
            };
            drop(turn);
            let _ = answer.send(result);
        };
        let wait = move || {
            let result = match spawn("anytrace-otel-control", work) {
                Err(error) => Err(error),
                Ok(()) => answered.recv_timeout(timeout).unwrap_or_else(|error| match error {
                    RecvTimeoutError::Timeout => Err(FlushError::TimedOut),
                    RecvTimeoutError::Disconnected => Err(FlushError::Unanswered),
                }),
            };
            done(flushed(result));
        };
        // Where not even a thread can be had, `done` goes unanswered, and says so.
        let _ = spawn("anytrace-otel-flush", wait);
    }
}

fn run(work: impl FnOnce() -> Result<(), FlushError>) -> Result<(), FlushError> {
    foreign(work).unwrap_or_else(|| Err(FlushError::Failed("the provider panicked".to_owned())))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), FlushError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| FlushError::Failed(format!("no thread can be started: {error}")))
}

/// No figures: a provider tells none.
fn flushed(result: Result<(), FlushError>) -> Flushed {
    let mut flushed = Flushed::default();
    flushed.result = result;
    flushed
}

impl fmt::Debug for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.control.is_some() { "given" } else { "none" })
    }
}
