//! Futures that carry what is current.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{PolledSpan, SpanRef};

pin_project! {
    /// A future in whose polls something is current. Made by [`FutureExt`](crate::FutureExt).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpan<F> {
        // Empty once it is over: it is dropped with the span current, before the span ends.
        #[pin]
        inner: Option<F>,
        carried: PolledSpan,
    }

    impl<F> PinnedDrop for InSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_some() {
                this.carried.run(|| this.inner.set(None));
            }
        }
    }
}

impl<F> InSpan<F> {
    /// Wraps `inner`: a future, as [`FutureExt::in_span`](crate::FutureExt::in_span) does it, or a stream (feature
    /// `stream`), whose span ends with it.
    pub fn around(inner: F, span: impl Into<PolledSpan>) -> Self {
        InSpan { inner: Some(inner), carried: span.into() }
    }

    /// The span.
    pub fn span(&self) -> &SpanRef {
        self.carried.span()
    }

    /// What is wrapped, until it is over.
    #[cfg(feature = "stream")]
    pub(super) fn wrapped(&self) -> Option<&F> {
        self.inner.as_ref()
    }

    /// Lets `work` have what is wrapped; once it says that this was the end, drops that, calls `then`, and ends the
    /// span.
    #[inline]
    pub(super) fn advance<R>(
        self: Pin<&mut Self>,
        work: impl FnOnce(Pin<&mut F>) -> R,
        is_end: impl FnOnce(&R) -> bool,
        then: impl FnOnce(&SpanRef, &R),
    ) -> Option<R> {
        let mut this = self.project();
        let (result, end) = this.carried.run_with(|span| {
            let result = work(this.inner.as_mut().as_pin_mut()?);
            let end = is_end(&result);
            if end {
                then(span, &result);
                this.inner.set(None);
            }
            Some((result, end))
        })?;
        if end {
            this.carried.end();
        }
        Some(result)
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.advance(|future| future.poll(cx), Poll::is_ready, |_, _| ()).expect("polled after it was ready")
    }
}

pin_project! {
    /// An [`InSpan`] whose output is looked at before the span ends. Made by
    /// [`FutureExt::in_span_then`](crate::FutureExt::in_span_then).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpanThen<F, T> {
        #[pin]
        inner: InSpan<F>,
        then: Option<T>,
    }
}

impl<F, T> InSpanThen<F, T> {
    pub(super) fn new(inner: F, carried: PolledSpan, then: T) -> Self {
        InSpanThen { inner: InSpan::around(inner, carried), then: Some(then) }
    }

    /// The span.
    pub fn span(&self) -> &SpanRef {
        self.inner.span()
    }
}

impl<F: Future, T: FnOnce(&SpanRef, &F::Output)> Future for InSpanThen<F, T> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let then = |span: &SpanRef, output: &Poll<F::Output>| {
            if let (Poll::Ready(output), Some(then)) = (output, this.then.take()) {
                then(span, output);
            }
        };
        let output = this.inner.advance(|future| future.poll(cx), Poll::is_ready, then);
        output.expect("polled after it was ready")
    }
}
