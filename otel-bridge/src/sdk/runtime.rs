//! Waiting for an exporter's future, but not for ever.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

/// Where an exporter's futures run: on the reporter's thread, by themselves or in a runtime of their own.
#[derive(Debug)]
pub(super) enum Runtime {
    None,
    #[cfg(feature = "tokio")]
    Tokio(crate::own_runtime::OwnRuntime),
}

impl Runtime {
    /// None when `deadline` came first: the future is dropped.
    pub(super) fn block_on<F>(&self, future: F, deadline: Instant) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        match self {
            Runtime::None => block_on(future, deadline),
            #[cfg(feature = "tokio")]
            Runtime::Tokio(runtime) => runtime.block_on(future, deadline),
        }
    }

    /// Within the runtime, for what finds it by the thread.
    pub(super) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        match self {
            Runtime::None => work(),
            #[cfg(feature = "tokio")]
            Runtime::Tokio(runtime) => runtime.within(work),
        }
    }

    /// There is nothing to export.
    pub(super) fn idle(&self) {
        match self {
            Runtime::None => {}
            #[cfg(feature = "tokio")]
            Runtime::Tokio(runtime) => runtime.idle(),
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
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use std::{future, time::Duration};

    use super::*;

    #[test]
    fn a_future_that_never_ends_is_left_at_the_deadline() {
        let deadline = Instant::now() + Duration::from_millis(5);
        assert_eq!(block_on(future::pending::<()>(), deadline), None);
        assert_eq!(block_on(future::ready(7), deadline), Some(7));
    }

    #[test]
    fn a_wake_from_another_thread_arrives() {
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
