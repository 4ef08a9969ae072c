//! A tokio runtime that belongs to one recorder.

use std::{future::Future, io, time::Instant};

use tokio::runtime::{Builder, Runtime};

/// A tokio runtime of a recorder's own, which runs on the reporter's thread and only while something is waited for. So it
/// does not matter whether the application has a runtime, and of which kind.
#[derive(Debug)]
pub(crate) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    pub(crate) fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| OwnRuntime(Some(runtime)))
    }

    /// None when `deadline` came first: the future is dropped.
    pub(crate) fn block_on<F: Future>(&self, future: F, deadline: Instant) -> Option<F::Output> {
        let limited = async { tokio::time::timeout_at(deadline.into(), future).await.ok() };
        self.0.as_ref()?.block_on(limited)
    }

    /// Within the runtime, for what finds it by the thread.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.0.as_ref().map(Runtime::enter);
        work()
    }

    /// What came over the network meanwhile is seen: connections answer their pings, and learn that they were closed.
    pub(crate) fn idle(&self) {
        if let Some(runtime) = &self.0 {
            runtime.block_on(async {
                // The first looks, and wakes the tasks that run before the second is over.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
            });
        }
    }
}

/// A runtime may not be waited for where async code runs, and a recorder may be dropped there.
impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
