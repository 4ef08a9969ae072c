//! Flush and shutdown of a provider, whose calls block.

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

use crate::panics::catch_panic;

/// Flushes a provider and shuts it down: OpenTelemetry's API has no methods for that.
///
/// The bridge calls the methods on threads of its own, where they may block, and never two at the same time. With the
/// feature `sdk`, `SdkTracerProvider` implements this trait.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{TracerExt, flush::FlushError};
/// use anytrace_otel_bridge::{Control, OtelTracer};
/// use opentelemetry::trace::noop::NoopTracerProvider;
///
/// struct MyControl;
///
/// impl Control for MyControl {
///     fn flush(&self, _timeout: Duration) -> Result<(), FlushError> {
///         Ok(())
///     }
///     fn shutdown(&self, timeout: Duration) -> Result<(), FlushError> {
///         self.flush(timeout)
///     }
/// }
///
/// let tracer = OtelTracer::builder(NoopTracerProvider::new()).control(MyControl).build();
/// assert!(tracer.flush_blocking(Duration::from_secs(5)).result.is_ok());
/// ```
pub trait Control: Send + Sync + 'static {
    /// Exports all spans that have finished so far, within `timeout`.
    ///
    /// # Errors
    ///
    /// Returns an error if the provider could not export them.
    fn flush(&self, timeout: Duration) -> Result<(), FlushError>;

    /// Exports all spans that have finished so far, within `timeout`, and stops the provider. Called at most once.
    ///
    /// # Errors
    ///
    /// Returns an error if the provider could not export the spans.
    fn shutdown(&self, timeout: Duration) -> Result<(), FlushError>;
}

/// Calls a [`Control`] on a separate thread, and reports the result at the timeout at the latest.
pub(crate) struct Controller {
    control: Option<Arc<dyn Control>>,
    /// Held during a call.
    call_lock: Arc<Mutex<()>>,
}

#[derive(Clone, Copy)]
pub(crate) enum ControlCall {
    Flush,
    Shutdown,
}

impl Controller {
    pub(crate) fn new(control: Option<Arc<dyn Control>>) -> Self {
        Controller { control, call_lock: Arc::default() }
    }

    pub(crate) fn run(&self, call: ControlCall, timeout: Duration, done: Done) {
        let Some(control) = self.control.clone() else {
            let message =
                "the provider cannot be flushed or shut down: the tracer was built without a `Control`";
            return done(Flushed::failed(FlushError::Failed(message.into())));
        };
        let call_lock = self.call_lock.clone();
        let deadline = Instant::now().checked_add(timeout);
        let (sender, receiver) = mpsc::sync_channel(1);
        let work = move || {
            let guard = call_lock.lock().unwrap_or_else(PoisonError::into_inner);
            let remaining =
                deadline.map_or(timeout, |deadline| deadline.saturating_duration_since(Instant::now()));
            // A flush that waited for the lock until its deadline is skipped; a shutdown must happen all the same.
            let result = match call {
                ControlCall::Flush if remaining.is_zero() && !timeout.is_zero() => Err(FlushError::TimedOut),
                ControlCall::Flush => run_caught(|| control.flush(remaining)),
                ControlCall::Shutdown => run_caught(|| control.shutdown(remaining)),
            };
            drop(guard);
            let _ = sender.send(result);
        };
        let wait = move || {
            let result = match spawn("anytrace-otel-control", work) {
                Err(error) => Err(error),
                Ok(()) => receiver.recv_timeout(timeout).unwrap_or_else(|error| match error {
                    RecvTimeoutError::Timeout => Err(FlushError::TimedOut),
                    RecvTimeoutError::Disconnected => Err(FlushError::Unanswered),
                }),
            };
            done(flushed(result));
        };
        // If no thread can be started, `done` is dropped, which reports `FlushError::Unanswered`.
        let _ = spawn("anytrace-otel-flush", wait);
    }
}

fn run_caught(work: impl FnOnce() -> Result<(), FlushError>) -> Result<(), FlushError> {
    catch_panic(work).unwrap_or_else(|| Err(FlushError::Failed("the provider panicked".into())))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), FlushError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| FlushError::Failed(format!("cannot start a thread: {error}").into()))
}

/// Returns a result without numbers of spans, which providers do not report.
fn flushed(result: Result<(), FlushError>) -> Flushed {
    let mut flushed = Flushed::default();
    flushed.result = result;
    flushed
}

impl fmt::Debug for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.control.is_some() { "set" } else { "none" })
    }
}
