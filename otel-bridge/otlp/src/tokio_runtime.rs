//! The tokio runtime of a gRPC recorder.

use std::{future::Future, io, panic::resume_unwind, thread, time::Instant};

use tokio::runtime::{Builder, Handle, Runtime};

/// A tokio runtime of a recorder. It runs on the reporter thread, and only while the recorder waits, so that it works in
/// applications with any runtime or none.
#[derive(Debug)]
pub(crate) struct TokioRuntime(Option<Runtime>);

impl TokioRuntime {
    pub(crate) fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| TokioRuntime(Some(runtime)))
    }

    /// Runs the future until `deadline`. Returns `None` if the deadline passed first; the future is then dropped.
    pub(crate) fn block_on<F>(&self, future: F, deadline: Instant) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let runtime = self.0.as_ref()?;
        let limited = async { tokio::time::timeout_at(deadline.into(), future).await.ok() };
        on_blocking_thread(|| runtime.block_on(limited))
    }

    /// Calls `work` in the context of the runtime.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(Runtime::enter);
        work()
    }

    /// Processes network events that have arrived since the last call, such as pings and closed connections.
    pub(crate) fn idle(&self) {
        let Some(runtime) = &self.0 else { return };
        // The first yield polls the driver, and the tasks that it wakes run before the second.
        let poll_driver = async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        };
        on_blocking_thread(|| runtime.block_on(poll_driver));
    }
}

/// Calls `work` on another thread if the current one runs async code, where tokio forbids blocking. A tracer without a
/// reporter thread can be flushed there.
fn on_blocking_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if Handle::try_current().is_err() {
        return work();
    }
    thread::scope(|scope| scope.spawn(|| anytrace_api::suppression::suppressed(work)).join())
        .unwrap_or_else(|panic| resume_unwind(panic))
}

/// Shuts down without blocking, because a recorder can be dropped in async code.
impl Drop for TokioRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
