//! A tokio runtime that belongs to one recorder.

use std::{future::Future, io, panic::resume_unwind, thread, time::Instant};

use tokio::runtime::{Builder, Handle, Runtime};

/// A tokio runtime of a recorder's own, which runs on the reporter's thread and only while something is waited for. So it
/// does not matter whether the application has a runtime, and of which kind.
#[derive(Debug)]
pub(crate) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    pub(crate) fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| OwnRuntime(Some(runtime)))
    }

    /// None when `deadline` came first: the future is dropped.
    pub(crate) fn block_on<F>(&self, future: F, deadline: Instant) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let runtime = self.0.as_ref()?;
        let limited = async { tokio::time::timeout_at(deadline.into(), future).await.ok() };
        where_one_may_wait(|| runtime.block_on(limited))
    }

    /// Within the runtime, for what finds it by the thread.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(Runtime::enter);
        work()
    }

    /// What came over the network meanwhile is seen: connections answer their pings, and learn that they were closed.
    pub(crate) fn idle(&self) {
        let Some(runtime) = &self.0 else { return };
        // The first looks, and wakes the tasks that run before the second is over.
        let looks = async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        };
        where_one_may_wait(|| runtime.block_on(looks));
    }
}

/// A tracer without a thread is flushed by its caller, who may be async code. There no runtime may be waited for: another
/// thread does.
fn where_one_may_wait<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if Handle::try_current().is_err() {
        return work();
    }
    thread::scope(|scope| scope.spawn(|| anytrace_api::suppression::suppressed(work)).join())
        .unwrap_or_else(|panic| resume_unwind(panic))
}

/// A runtime may not be waited for where async code runs, and a recorder may be dropped there.
impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
