//! A span and the duty to end it.

use std::{
    any::Any,
    fmt,
    fmt::Display,
    mem::{self, ManuallyDrop},
    ops::Deref,
    sync::Arc,
    thread,
    time::SystemTime,
};

use crate::{PolledSpan, SpanScope, active, backend::{End, Span}, backend::end::EndReason, backend::reference::SpanRef, model::{Context, LimitError, Name, TraceContext, Value}};

/// A span and the duty to end it: one owner, which ends it exactly once, at the latest when it is dropped.
///
/// What does not end it stands on [`SpanRef`], to which this derefs. Where only the span's content or context is
/// needed, pass a [`SpanRef`]; [`reference`](Self::reference) makes one that lives on.
///
/// | to end it with | use |
/// |---|---|
/// | a closure | [`run`](Self::run), [`try_run`](Self::try_run) |
/// | a block | [`entered`](Self::entered) |
/// | a future | [`FutureExt::in_span`](crate::FutureExt::in_span) and its kin |
/// | anything else that is polled | [`into_polled`](Self::into_polled) |
/// | a moment | [`finish`](Self::finish), [`finish_at`](Self::finish_at) |
///
/// ```
/// use anytrace_api::{self as trace, Operation};
/// use std::{fs, io};
///
/// fn load(user: u64) -> Result<String, io::Error> {
///     trace::start_span(Operation::client("users.load")).tag("user.id", user).try_run(|| {
///         trace::event("asked");
///         fs::read_to_string("users")
///     })
/// }
/// # load(1).unwrap_err();
/// ```
#[must_use = "dropped at once, it ends at once"]
pub struct StartedSpan {
    span: SpanRef,
    /// The thread was unwinding when it started: a drop during that says nothing about this span. A word, not a byte:
    /// a span is made and moved in words, and memory that is written in pieces cannot be read as a whole for a while.
    unwinding: usize,
}

impl StartedSpan {
    /// No span at all: what the verbs give where there is no tracer.
    #[inline]
    pub const fn none() -> Self {
        StartedSpan { span: SpanRef::none(), unwinding: 0 }
    }

    /// For backends: a span with its context, live where it is recorded.
    #[inline]
    pub fn new(context: Context, live: Option<Arc<dyn Span>>) -> Self {
        // Nothing to be dropped while it is asked: what would have to be found then could not stay in registers.
        let span = ManuallyDrop::new(SpanRef::new(context, live));
        let unwinding = span.live().is_some() && thread::panicking();
        StartedSpan { span: ManuallyDrop::into_inner(span), unwinding: usize::from(unwinding) }
    }

    /// For backends that stand in front of others: the context and the live span, with the duty to
    /// [finish](Span::finish) it.
    ///
    /// ```
    /// use anytrace_api::{Context, StartedSpan};
    ///
    /// let (context, live) = StartedSpan::none().into_parts();
    /// assert_eq!((context, live.is_none()), (Context::EMPTY, true));
    /// ```
    #[inline]
    pub fn into_parts(self) -> (Context, Option<Arc<dyn Span>>) {
        // Taken apart, so that nothing of the drop is left to be done.
        mem::take(&mut ManuallyDrop::new(self).span).into_parts()
    }

    /// A reference that lives on.
    pub fn reference(&self) -> SpanRef {
        self.span.clone()
    }

    /// [`set_tag`](SpanRef::set_tag) that chains where the span is made.
    pub fn tag<'a>(self, key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) -> Self {
        self.span.set_tag(key, value);
        self
    }

    /// Sets a pair of baggage for the children that start, and the references that are made, from now on. Where the
    /// baggage is shared, for everything that shares it.
    ///
    /// # Errors
    ///
    /// When key or value cannot be carried, or the limits of the W3C baggage format are met.
    ///
    /// ```
    /// let mut span = anytrace_api::start_span("order");
    /// span.set_baggage("tenant", "acme")?;
    /// assert_eq!(span.baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), anytrace_api::LimitError>(())
    /// ```
    pub fn set_baggage(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        self.span.context_mut().set_baggage(key, value)
    }

    /// Removes a pair of baggage, for whatever starts from now on; whether it was there.
    ///
    /// # Errors
    ///
    /// Where the baggage is shared and has been changed as often as may be.
    pub fn remove_baggage(&mut self, key: &str) -> Result<bool, LimitError> {
        self.span.context_mut().remove_baggage(key)
    }

    /// One baggage for everything below: [`set_baggage`](crate::set_baggage) from anywhere in this request is seen by
    /// whatever starts later in it. Server layers call it; it costs one allocation or two.
    ///
    /// ```
    /// use anytrace_api as trace;
    ///
    /// let mut span = trace::start_span("request");
    /// span.share_baggage();
    /// let span = span.entered();
    /// trace::set_baggage("tenant", "acme")?;
    /// assert_eq!(trace::current_span().baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), trace::BaggageError>(())
    /// ```
    pub fn share_baggage(&mut self) {
        self.span.context_mut().share_baggage();
    }

    /// Gives this branch a shared baggage of its own, which begins as what it sees now.
    pub fn fork_baggage(&mut self) {
        self.span.context_mut().fork_baggage();
    }

    /// Gives the children that start, and the references that are made, from now on a value that travels with them in
    /// this process. See [`Context::with_extension`].
    ///
    /// ```
    /// use anytrace_api::{self as trace, TraceContext};
    /// use std::sync::Arc;
    ///
    /// let mut span = trace::start_span("request");
    /// span.set_extension(Arc::new(7_u8));
    /// let child = span.start_child("work");
    /// assert_eq!(child.context().extension::<u8>().as_deref(), Some(&7));
    /// ```
    pub fn set_extension<T: Any + Send + Sync>(&mut self, value: Arc<T>) {
        self.span.context_mut().set_extension(value);
    }

    /// Ends it now.
    #[inline]
    pub fn finish(self) {
        self.end(|| End::new(EndReason::Finished));
    }

    /// Ends it at another time; not before its start, whatever `time` says.
    pub fn finish_at(self, time: SystemTime) {
        self.end(|| End::new(EndReason::Finished).at(time));
    }

    /// Ends it now, and says reason.
    pub fn finish_as(self, reason: EndReason) {
        self.end(|| End::new(reason));
    }

    /// Ends it unrecorded; its backend counts it.
    pub fn discard(self) {
        self.end(|| End::new(EndReason::Discarded));
    }

    /// Makes it current on this thread until the guard goes, and ends it with that.
    pub fn entered(self) -> SpanScope {
        SpanScope::new(self)
    }

    /// Makes it current during `work`, and ends it with that. A panic marks it.
    pub fn run<R>(self, work: impl FnOnce() -> R) -> R {
        active::bounded(self.entered(), work)
    }

    /// The same, and an `Err` is recorded and passed on.
    pub fn try_run<R, E: Display>(self, work: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
        let span = self.reference();
        // The reference goes before the span ends: an owner that is alone ends it at a lower price.
        self.run(move || span.record_result(work()))
    }

    /// The same, and `then` sees the result before the span ends: for status codes and sizes.
    ///
    /// ```
    /// use anytrace_api::{self as trace, Operation};
    ///
    /// let status = trace::start_span(Operation::client("GET")).run_then(
    ///     || 200_u16, // … the call …
    ///     |span, status| { span.set_tag("http.response.status_code", *status); },
    /// );
    /// assert_eq!(status, 200);
    /// ```
    pub fn run_then<R>(self, work: impl FnOnce() -> R, then: impl FnOnce(&SpanRef, &R)) -> R {
        let span = self.reference();
        self.run(move || {
            let result = work();
            then(&span, &result);
            result
        })
    }

    /// To be current now and then: for hand-written futures, bodies and streams.
    pub fn into_polled(self) -> PolledSpan {
        PolledSpan::from(self)
    }

    #[inline]
    fn end(mut self, end: impl FnOnce() -> End) {
        if self.span.live().is_some() {
            self.end_live(end());
        }
        self.span.context_mut().let_go();
        // The drop would look again whether there is something to end, or to let go of.
        mem::forget(self);
    }

    /// Not inlined, so that the span is left where it is: taken to pieces there, it would be copied first.
    #[inline(never)]
    fn end_live(&mut self, end: End) {
        if let Some(live) = self.span.take_live() {
            live.finish(end);
        }
    }

    /// As a drop does it, in a given way.
    #[inline]
    pub(crate) fn end_dropped(&mut self, reason: EndReason) {
        // The check alone is inlined: where the span was finished, nothing of the drop is left.
        if let Some(live) = self.span.take_live() {
            end_dropped(live, self.unwinding != 0, reason);
        }
    }
}

fn end_dropped(live: Arc<dyn Span>, unwinding: bool, reason: EndReason) {
    let panicked = !unwinding && thread::panicking();
    live.finish(End::new(if panicked { EndReason::Panicked } else { reason }));
}

impl Drop for StartedSpan {
    #[inline]
    fn drop(&mut self) {
        self.end_dropped(EndReason::Dropped);
    }
}

impl Deref for StartedSpan {
    type Target = SpanRef;

    fn deref(&self) -> &SpanRef {
        &self.span
    }
}

impl TraceContext for StartedSpan {
    fn context(&self) -> &Context {
        self.span.context()
    }
}

impl fmt::Debug for StartedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StartedSpan").field(&self.span).finish()
    }
}
