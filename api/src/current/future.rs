//! Futures and streams with a span.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(feature = "stream")]
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{polled::PolledSpan, snapshot::Snapshot};
use crate::backend::{handle::TracerHandle, reference::SpanRef, started::StartedSpan};

/// Makes a span, a tracer or suppression current during every poll of a future.
///
/// ```
/// use anytrace_api::{self as trace, FutureExt};
/// use std::{error::Error, fs};
///
/// async fn load(user: u64) -> Result<String, Box<dyn Error + Send + Sync>> {
///     let span = trace::start_span("users.load").tag("user.id", user);
///     async {
///         trace::event("asked");
///         Ok(fs::read_to_string("users")?)
///     }
///     .try_in_span(span)
///     .await
/// }
/// # let _ = load(1);
/// ```
pub trait FutureExt: Future + Sized {
    /// Makes `span` current during every poll.
    ///
    /// A [`StartedSpan`] ends with the future: as [`EndReason::Cancelled`](crate::EndReason::Cancelled) if the future is
    /// dropped before it is ready. A [`SpanRef`] or a [`Snapshot`] only becomes current. The wrapped future is dropped
    /// with the span current too.
    ///
    /// ```
    /// use anytrace_api::{self as trace, FutureExt};
    ///
    /// async fn load() -> u64 {
    ///     async { 3 }.in_span(trace::start_span("load")).await
    /// }
    /// # let _ = load();
    /// ```
    fn in_span(self, span: impl Into<PolledSpan>) -> InSpan<Self> {
        InSpan::around(self, span)
    }

    /// Makes `span` current during every poll, and records an `Err` of the output like [`SpanRef::record_error`], without
    /// its causes.
    ///
    /// ```
    /// use anytrace_api::{self as trace, FutureExt};
    ///
    /// async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    ///     async { text.parse() }.try_in_span(trace::start_span("parse")).await
    /// }
    /// # let _ = parse("7");
    /// ```
    fn try_in_span<R, E: Display>(
        self,
        span: StartedSpan,
    ) -> InSpanThen<Self, impl FnOnce(&SpanRef, &Result<R, E>)>
    where
        Self: Future<Output = Result<R, E>>,
    {
        self.in_span_then(span, |span, output| {
            if let Err(error) = output {
                span.record_error(error);
            }
        })
    }

    /// Makes `span` current during every poll, and calls `then` with the span and the output before the span ends: for
    /// status codes and sizes.
    ///
    /// ```
    /// use anytrace_api::{self as trace, FutureExt, Operation};
    ///
    /// async fn call() -> Result<u16, String> {
    ///     let span = trace::start_span(Operation::client("GET"));
    ///     let response = async { Ok(200) };
    ///     response.in_span_then(span, |span, response: &Result<u16, String>| match response {
    ///         Ok(status) => { span.set_tag("http.response.status_code", *status); }
    ///         Err(error) => { span.record_error(error); }
    ///     })
    ///     .await
    /// }
    /// # let _ = call();
    /// ```
    fn in_span_then<T>(self, span: StartedSpan, then: T) -> InSpanThen<Self, T>
    where
        T: FnOnce(&SpanRef, &Self::Output),
    {
        InSpanThen::new(self, span.into(), then)
    }

    /// Makes the current span, scoped tracer and suppression of the caller current during every poll. Use this with
    /// `spawn`.
    ///
    /// ```
    /// # fn spawn<F: Future + Send + 'static>(_: F) {}
    /// use anytrace_api::{self as trace, FutureExt};
    ///
    /// spawn(async { trace::event("in the span of the caller of spawn") }.in_current_span());
    /// ```
    fn in_current_span(self) -> InSpan<Self> {
        self.in_span(Snapshot::here())
    }

    /// Makes `tracer` the current tracer during every poll. See [`with_tracer`](crate::with_tracer).
    ///
    /// ```
    /// use anytrace_api::{self as trace, FutureExt, TracerHandle};
    ///
    /// let off = async { trace::start_span("load").is_none() }.with_tracer(&TracerHandle::none());
    /// # let _ = off;
    /// ```
    fn with_tracer(self, tracer: &TracerHandle) -> InSpan<Self> {
        self.in_span(PolledSpan::with_tracer(tracer))
    }

    /// Suppresses tracing during every poll. See [`suppressed`](crate::suppression::suppressed).
    ///
    /// ```
    /// use anytrace_api::{self as trace, FutureExt};
    ///
    /// let export = async { trace::start_span("export").is_recording() }.suppressed();
    /// # let _ = export;
    /// ```
    fn suppressed(self) -> InSpan<Self> {
        self.in_span(PolledSpan::suppressed())
    }
}

impl<F: Future> FutureExt for F {}

impl StartedSpan {
    /// Makes the span current during every poll of `future`, and ends it afterwards: the form of [`run`](Self::run) for
    /// async code.
    ///
    /// ```
    /// use anytrace_api as trace;
    ///
    /// async fn load() -> u64 {
    ///     trace::start_span("load").run_async(async { 3 }).await
    /// }
    /// # let _ = load();
    /// ```
    pub fn run_async<F: Future>(self, future: F) -> InSpan<F> {
        future.in_span(self)
    }
}

pin_project! {
    /// A future, or with the feature `stream` a stream, with a span that is current during every poll. Created by
    /// [`FutureExt`](crate::FutureExt).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpan<F> {
        // `None` once the future is ready: it is dropped with the span current, before the span ends.
        #[pin]
        inner: Option<F>,
        span: PolledSpan,
    }

    impl<F> PinnedDrop for InSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_some() {
                this.span.run(|| this.inner.set(None));
            }
        }
    }
}

impl<F> InSpan<F> {
    /// Wraps `inner`. See [`FutureExt::in_span`](crate::FutureExt::in_span), which is the usual way.
    ///
    /// ```
    /// use anytrace_api::{self as trace, future::InSpan};
    ///
    /// let future = InSpan::around(async { 3 }, trace::start_span("load"));
    /// # let _ = future;
    /// ```
    pub fn around(inner: F, span: impl Into<PolledSpan>) -> Self {
        InSpan { inner: Some(inner), span: span.into() }
    }

    /// Returns the span.
    pub fn span(&self) -> &SpanRef {
        self.span.span()
    }

    /// Returns the wrapped stream until it is over.
    #[cfg(feature = "stream")]
    fn wrapped(&self) -> Option<&F> {
        self.inner.as_ref()
    }

    /// Polls the wrapped future or stream by `work`. At the end, which `is_end` detects, calls `then`, drops the wrapped
    /// future or stream, and ends the span.
    #[inline]
    fn advance<R>(
        self: Pin<&mut Self>,
        work: impl FnOnce(Pin<&mut F>) -> R,
        is_end: impl FnOnce(&R) -> bool,
        then: impl FnOnce(&SpanRef, &R),
    ) -> Option<R> {
        let mut this = self.project();
        let (result, end) = this.span.run_with(|span| {
            let result = work(this.inner.as_mut().as_pin_mut()?);
            let end = is_end(&result);
            if end {
                then(span, &result);
                this.inner.set(None);
            }
            Some((result, end))
        })?;
        if end {
            this.span.end();
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
    /// A future with a span, which passes its output to a closure before the span ends. Created by
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
    fn new(inner: F, span: PolledSpan, then: T) -> Self {
        InSpanThen { inner: InSpan::around(inner, span), then: Some(then) }
    }

    /// Returns the span.
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

#[cfg(feature = "stream")]
impl<S: Stream> Stream for InSpan<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let is_end = |next: &Poll<Option<S::Item>>| matches!(next, Poll::Ready(None));
        self.advance(|stream| stream.poll_next(cx), is_end, |_, _| ()).unwrap_or(Poll::Ready(None))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.wrapped().map_or((0, Some(0)), Stream::size_hint)
    }
}

#[cfg(feature = "stream")]
impl<S: Stream> FusedStream for InSpan<S> {
    fn is_terminated(&self) -> bool {
        self.wrapped().is_none()
    }
}

/// Makes a span current during every poll of a stream.
///
/// ```
/// # #[cfg(feature = "stream")] {
/// use anytrace_api::{self as trace, StreamExt};
///
/// fn rows(stream: impl futures_core::Stream<Item = u64>) -> impl futures_core::Stream<Item = u64> {
///     stream.in_span(trace::start_span("rows"))
/// }
/// # let _ = rows as fn(std::pin::Pin<Box<dyn futures_core::Stream<Item = u64>>>) -> _;
/// # }
/// ```
#[cfg(feature = "stream")]
pub trait StreamExt: Stream + Sized {
    /// Makes `span` current during every poll. A [`StartedSpan`] ends with the stream: as
    /// [`EndReason::Cancelled`](crate::EndReason::Cancelled) if the stream is dropped before its end.
    fn in_span(self, span: impl Into<PolledSpan>) -> InSpan<Self> {
        InSpan::around(self, span)
    }
}

#[cfg(feature = "stream")]
impl<S: Stream> StreamExt for S {}
