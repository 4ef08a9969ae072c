//! The owner of a span.

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

use super::{
    Span,
    end::{End, EndReason},
    reference::SpanRef,
};
use crate::model::{Context, Event, Link, Name, Status, Tag, TraceContext, Value};

/// The owner of a span, which ends the span exactly once, at the latest when the owner is dropped.
///
/// Methods that do not end the span are on [`SpanRef`], to which an owner derefs. Functions that only write to a span or
/// continue its trace take a [`SpanRef`]; [`reference`](Self::reference) returns one that may outlive the owner.
///
/// | end the span with | by |
/// |---|---|
/// | a closure | [`run`](Self::run), [`try_run`](Self::try_run), [`run_then`](Self::run_then) |
/// | a block | [`entered`](Self::entered) |
/// | a future | [`run_async`](Self::run_async), [`FutureExt::in_span`](crate::FutureExt::in_span), [`FutureExt::try_in_span`](crate::FutureExt::try_in_span) |
/// | a body or stream | [`into_polled`](Self::into_polled), `StreamExt::in_span` (feature `stream`) |
/// | a call | [`finish`](Self::finish), [`finish_at`](Self::finish_at) |
///
/// Setters that take the owner and return it ([`tag`](Self::tag), [`tags`](Self::tags), …) chain where the span is
/// started; those of [`SpanRef`] (`set_tag`, …) are for a span that is stored in a variable.
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
#[must_use = "a span that is dropped at once ends at once"]
pub struct StartedSpan {
    span: SpanRef,
    /// Not zero if the thread was unwinding when the span started: a drop during that panic is not caused by it. A `usize`,
    /// because a partial write followed by a full read stalls store forwarding.
    unwinding: usize,
}

impl StartedSpan {
    /// Creates an empty owner, as returned by every start function if there is no tracer.
    #[inline]
    pub const fn none() -> Self {
        StartedSpan { span: SpanRef::none(), unwinding: 0 }
    }

    /// Creates the owner of a span, for backends. `live` is `None` if the span is not recorded.
    #[inline]
    pub fn new(context: Context, live: Option<Arc<dyn Span>>) -> Self {
        // Without a drop during the check, the context stays in registers.
        let span = ManuallyDrop::new(SpanRef::new(context, live));
        let unwinding = span.live().is_some() && thread::panicking();
        StartedSpan { span: ManuallyDrop::into_inner(span), unwinding: usize::from(unwinding) }
    }

    /// Returns the context and the live span, for backends that wrap other backends. The caller must call
    /// [`Span::finish`].
    ///
    /// ```
    /// use anytrace_api::{Context, StartedSpan};
    ///
    /// let (context, live) = StartedSpan::none().into_parts();
    /// assert_eq!((context, live.is_none()), (Context::EMPTY, true));
    /// ```
    #[inline]
    pub fn into_parts(self) -> (Context, Option<Arc<dyn Span>>) {
        mem::take(&mut ManuallyDrop::new(self).span).into_parts()
    }

    /// Returns a reference that may outlive the owner.
    ///
    /// ```
    /// let span = anytrace_api::start_span("load");
    /// let reference = span.reference();
    /// assert_eq!(reference.span_id(), span.span_id());
    /// ```
    pub fn reference(&self) -> SpanRef {
        self.span.clone()
    }

    /// Sets a tag and returns the span. See [`SpanRef::set_tag`].
    ///
    /// ```
    /// anytrace_api::start_span("load").tag("rows", 3).finish();
    /// ```
    pub fn tag<'a>(self, key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) -> Self {
        self.span.set_tag(key, value);
        self
    }

    /// Sets several tags and returns the span. See [`SpanRef::set_tags`].
    ///
    /// ```
    /// use anytrace_api::{self as trace, tags};
    ///
    /// trace::start_span("load").tags(&tags! { "rows" => 3, "cache" => "l2" }).finish();
    /// ```
    pub fn tags(self, tags: &[Tag<'_>]) -> Self {
        self.span.set_tags(tags);
        self
    }

    /// Sets a tag to the `Display` text of `value` and returns the span. See [`SpanRef::set_tag_display`].
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// anytrace_api::start_span("connect").tag_display("peer", &Ipv4Addr::LOCALHOST).finish();
    /// ```
    pub fn tag_display<'a>(self, key: impl Into<Name<'a>>, value: &(impl Display + ?Sized)) -> Self {
        self.span.set_tag_display(key, value);
        self
    }

    /// Adds an event and returns the span. See [`SpanRef::event_with`].
    ///
    /// ```
    /// use anytrace_api::{self as trace, Event};
    ///
    /// trace::start_span("load").with_event(Event::new("cache miss")).finish();
    /// ```
    pub fn with_event(self, event: Event<'_>) -> Self {
        self.span.event_with(event);
        self
    }

    /// Links the span to another span and returns it. See [`SpanRef::link`].
    ///
    /// ```
    /// use anytrace_api::{self as trace, Link};
    ///
    /// let message = trace::start_trace("message");
    /// trace::start_trace("batch").with_link(Link::to(&message)).finish();
    /// ```
    pub fn with_link(self, link: Link<'_>) -> Self {
        self.span.link(link);
        self
    }

    /// Sets the status and returns the span. See [`SpanRef::set_status`].
    ///
    /// ```
    /// use anytrace_api::{self as trace, Status};
    ///
    /// trace::start_span("load").with_status(Status::error("no such table")).finish();
    /// ```
    pub fn with_status(self, status: Status<'_>) -> Self {
        self.span.set_status(status);
        self
    }

    /// Records an error and returns the span. See [`SpanRef::record_error`].
    ///
    /// ```
    /// anytrace_api::start_span("load").with_error("no such table").finish();
    /// ```
    pub fn with_error<E: Display + ?Sized>(self, error: &E) -> Self {
        self.span.record_error(error);
        self
    }

    /// Shares one baggage among all spans of the request: spans that start later in the request see the pairs that
    /// [`set_baggage`](crate::set_baggage) sets anywhere in it. Server layers call this. Costs one or two allocations.
    ///
    /// ```
    /// use anytrace_api as trace;
    ///
    /// let mut span = trace::start_span("request");
    /// span.share_baggage();
    /// let span = span.entered();
    /// trace::set_baggage("tenant", "acme")?;
    /// assert_eq!(trace::current_span().baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), trace::errors::BaggageError>(())
    /// ```
    pub fn share_baggage(&mut self) {
        self.span.context_mut().share_baggage();
    }

    /// Gives this branch of the request a shared baggage of its own, which starts with the pairs of the present baggage.
    ///
    /// ```
    /// let mut branch = anytrace_api::start_span("branch");
    /// branch.fork_baggage();
    /// ```
    pub fn fork_baggage(&mut self) {
        self.span.context_mut().fork_baggage();
    }

    /// Sets a value that later children and references inherit in this process. See [`Context::with_extension`].
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

    /// Ends the span now.
    ///
    /// ```
    /// anytrace_api::start_span("load").finish();
    /// ```
    #[inline]
    pub fn finish(self) {
        self.end(|| End::new(EndReason::Finished));
    }

    /// Ends the span at `time`. A time before the start counts as the start.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// anytrace_api::start_span("load").finish_at(SystemTime::now());
    /// ```
    pub fn finish_at(self, time: SystemTime) {
        self.end(|| End::new(EndReason::Finished).at(time));
    }

    /// Ends the span now, for another reason.
    ///
    /// ```
    /// use anytrace_api::{self as trace, EndReason};
    ///
    /// trace::start_span("load").finish_as(EndReason::Cancelled);
    /// ```
    pub fn finish_as(self, reason: EndReason) {
        self.end(|| End::new(reason));
    }

    /// Ends the span without recording it. The backend counts it as `discarded`.
    ///
    /// ```
    /// anytrace_api::start_span("poll").discard();
    /// ```
    pub fn discard(self) {
        self.end(|| End::new(EndReason::Discarded));
    }

    /// Changes the context that later children and references inherit.
    #[allow(dead_code, reason = "used by the layer above")]
    #[inline]
    pub(crate) fn context_mut(&mut self) -> &mut Context {
        self.span.context_mut()
    }

    #[inline]
    fn end(mut self, end: impl FnOnce() -> End) {
        if self.span.live().is_some() {
            self.end_live(end());
        }
        self.span.context_mut().let_go();
        // The drop would check again whether there is a live span or a context to drop.
        mem::forget(self);
    }

    /// Not inlined: inlined, the span would be copied before the call.
    #[inline(never)]
    fn end_live(&mut self, end: End) {
        if let Some(live) = self.span.take_live() {
            live.finish(end);
        }
    }

    /// Ends the span like a drop does, with the given reason unless the thread panics.
    #[inline]
    pub(crate) fn end_dropped(&mut self, reason: EndReason) {
        // Only the check is inlined, so that the drop of a finished span costs nothing.
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
