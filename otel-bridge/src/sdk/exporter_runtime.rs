//! Runs the futures of an exporter until their deadline.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

/// Runs the futures of an exporter on the reporter thread, without a runtime or in a private one.
#[derive(Debug)]
pub(super) enum ExporterRuntime {
    None,
    #[cfg(feature = "tokio")]
    Tokio(super::tokio_runtime::TokioRuntime),
}

impl ExporterRuntime {
    /// Waits for `future` until `deadline`. At the deadline, drops the future and returns `None`.
    pub(super) fn block_on<F>(&self, future: F, deadline: Instant) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        match self {
            ExporterRuntime::None => block_on(future, deadline),
            #[cfg(feature = "tokio")]
            ExporterRuntime::Tokio(runtime) => runtime.block_on(future, deadline),
        }
    }

    /// Runs `work` with the runtime as tokio's current runtime on this thread.
    pub(super) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        match self {
            ExporterRuntime::None => work(),
            #[cfg(feature = "tokio")]
            ExporterRuntime::Tokio(runtime) => runtime.within(work),
        }
    }

    /// Processes network events that have arrived between two exports.
    pub(super) fn idle(&self) {
        match self {
            ExporterRuntime::None => {}
            #[cfg(feature = "tokio")]
            ExporterRuntime::Tokio(runtime) => runtime.idle(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F, deadline: Instant) -> Option<F::Output> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
        let remaining = deadline.saturating_duration_since(Instant::now());
        if remaining.is_zero() {
            return None;
        }
        thread::park_timeout(remaining);
    }
}

#[cfg(test)]
mod tests {
    use std::{future, time::Duration};

    use super::*;

    #[test]
    fn a_pending_future_is_dropped_at_its_deadline() {
        let deadline = Instant::now() + Duration::from_millis(5);
        assert_eq!(block_on(future::pending::<()>(), deadline), None);
        assert_eq!(block_on(future::ready(7), deadline), Some(7));
    }

    #[test]
    fn wakers_work_from_other_threads() {
        let mut polls = 0;
        let future = future::poll_fn(|cx| {
            polls += 1;
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
        });
        assert!(block_on(future, Instant::now() + Duration::from_secs(60)).is_some());
    }
}
