//! A tokio runtime that belongs to one recorder.

use std::{future::Future, io, panic::resume_unwind, thread, time::Instant};

use opentelemetry::Context as OtelContext;
use tokio::runtime::{Builder, Handle, Runtime};

/// A tokio runtime of one recorder. The runtime makes progress only while the reporter thread waits for a future, so
/// the recorder works with every runtime of the application, and without one.
#[derive(Debug)]
pub(super) struct TokioRuntime(Option<Runtime>);

impl TokioRuntime {
    pub(super) fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| TokioRuntime(Some(runtime)))
    }

    /// Waits for `future` until `deadline`. At the deadline, drops the future and returns `None`.
    pub(super) fn block_on<F>(&self, future: F, deadline: Instant) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let runtime = self.0.as_ref()?;
        let limited = async { tokio::time::timeout_at(deadline.into(), future).await.ok() };
        on_blocking_thread(|| runtime.block_on(limited))
    }

    /// Runs `work` with this runtime as tokio's current runtime on this thread.
    pub(super) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(Runtime::enter);
        work()
    }

    /// Processes network events that have arrived, so that idle connections answer pings and notice that the peer
    /// closed them.
    pub(super) fn idle(&self) {
        let Some(runtime) = &self.0 else { return };
        // The first yield polls the network driver and wakes tasks; these tasks run before the second yield returns.
        let poll_driver = async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        };
        on_blocking_thread(|| runtime.block_on(poll_driver));
    }
}

/// Runs `work` on a thread where waiting for a runtime is allowed.
///
/// A tracer without a reporter thread is flushed by its caller, which may be async code. Tokio panics when a runtime is
/// waited for there, so a new thread runs `work`.
fn on_blocking_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if Handle::try_current().is_err() {
        return work();
    }
    let untraced = || {
        let _suppressed = OtelContext::enter_telemetry_suppressed_scope();
        anytrace_api::suppression::suppressed(work)
    };
    thread::scope(|scope| scope.spawn(untraced).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// Shuts the runtime down in the background, because a recorder may be dropped in async code, where tokio does not
/// allow to wait for a runtime.
impl Drop for TokioRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
