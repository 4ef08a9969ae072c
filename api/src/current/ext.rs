//! The forms for futures.

use std::fmt::Display;

use super::{InSpan, InSpanThen};
use crate::{PolledSpan, Snapshot, SpanRef, StartedSpan, TracerHandle};

/// Makes spans, tracers and silence current during every poll of a future, and only then.
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
    /// Current during every poll. A [`StartedSpan`] ends with the future: as cancelled when that is dropped before it
    /// is ready. A [`SpanRef`] is only made current. What the future wraps is dropped with the span current too.
    fn in_span(self, span: impl Into<PolledSpan>) -> InSpan<Self> {
        InSpan::around(self, span)
    }

    /// The same for a future that may fail: an `Err` is recorded, and passed on.
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

    /// The same, and `then` sees the output before the span ends: for status codes and sizes.
    ///
    /// ```
    /// use anytrace_api::{self as trace, FutureExt, Operation};
    ///
    /// async fn call() -> Result<u16, String> {
    ///     let span = trace::start_span(Operation::client("GET"));
    ///     let answer = async { Ok(200) };
    ///     answer.in_span_then(span, |span, answer: &Result<u16, String>| match answer {
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

    /// Takes what is current here along: span, scoped tracer, suppression. For `spawn`.
    ///
    /// ```
    /// # fn spawn<F: Future + Send + 'static>(_: F) {}
    /// use anytrace_api::{self as trace, FutureExt};
    ///
    /// spawn(async { trace::event("in the span of whoever spawned it") }.in_current_span());
    /// ```
    fn in_current_span(self) -> InSpan<Self> {
        self.in_span(Snapshot::here())
    }

    /// Puts `tracer` in force. See [`with_tracer`](crate::with_tracer).
    fn with_tracer(self, tracer: &TracerHandle) -> InSpan<Self> {
        self.in_span(PolledSpan::with_tracer(tracer))
    }

    /// Traces nothing. See [`suppressed`](crate::suppressed).
    fn suppressed(self) -> InSpan<Self> {
        self.in_span(PolledSpan::suppressed())
    }
}

impl<F: Future> FutureExt for F {}
