//! The verbs for code that has neither a tracer nor a span at hand.

use std::{error::Error, fmt, fmt::Display};

use super::{
    in_force::with_tracer_in_force,
    nearest::{Nearest, nearest},
    stack,
    top::{self, MustAsk},
};
use crate::{
    Event, Extracted, LimitError, Link, Name, Native, Span, SpanId, SpanRef, Status, Tag, TextMapReader,
    TextMapWriter, TraceContext, TraceId, Tracer, Update, Value,
    span::{live, record_error_on},
    tracer::{in_use, installed},
};

/// The current span: empty when there is none.
pub fn current_span() -> SpanRef {
    if !in_use() {
        return SpanRef::none();
    }
    match nearest() {
        Nearest::Span(lent) => match lent.native() {
            Native::Unchanged => lent.span(),
            Native::Moved(span) => span,
            Native::Nothing => SpanRef::none(),
        },
        Nearest::Tracer(tracer) => tracer.native_current().unwrap_or_default(),
        Nearest::Nothing => installed().and_then(Tracer::native_current).unwrap_or_default(),
    }
}

/// The ids of the current span, for log lines: no clone, no lock.
///
/// ```
/// fn log(message: &str) {
///     match anytrace_api::current_ids() {
///         Some((trace, span)) => println!("{message} trace_id={trace} span_id={span}"),
///         None => println!("{message}"),
///     }
/// }
/// # log("hello");
/// ```
#[inline]
pub fn current_ids() -> Option<(TraceId, SpanId)> {
    if !in_use() {
        return None;
    }
    match top::plain_ids() {
        Ok(ids) => ids,
        Err(MustAsk) => current_span().context().ids(),
    }
}

/// Does `work` with the current span's live part, if it has one.
#[allow(clippy::inline_always, reason = "what `work` needs stays in registers")]
#[inline(always)]
fn with_live(work: impl FnOnce(&dyn Span)) {
    if !in_use() {
        return;
    }
    let Ok(loan) = stack::here(|stack| top::plain_loan(stack, |_| ())) else {
        let mut work = Some(work);
        return with_nearest_live(&mut |live| {
            if let Some(work) = work.take() {
                work(live);
            }
        });
    };
    if let Some(live) = loan.live() {
        work(live);
        stack::here(|stack| loan.give_back(stack));
    }
}

/// Where the top of the stack does not say it all. Cold also for backends with a context of their own: asking them is
/// dearer than getting here.
#[cold]
fn with_nearest_live(work: &mut dyn FnMut(&dyn Span)) {
    let lent = match nearest() {
        Nearest::Span(lent) => lent,
        Nearest::Tracer(_) | Nearest::Nothing => {
            if let Some(live) = current_span().live() {
                work(live);
            }
            return;
        }
    };
    match (lent.native(), lent.live()) {
        (Native::Unchanged, Some(live)) => work(live),
        (Native::Moved(span), _) => {
            if let Some(live) = span.live() {
                work(live);
            }
        }
        (Native::Unchanged, None) | (Native::Nothing, _) => {}
    }
}

/// Sets a tag on the current span. See [`SpanRef::set_tag`].
pub fn set_tag<'a>(key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) {
    with_live(|live| live.set_tag(key.into(), value.into()));
}

/// Sets several tags on the current span. See [`SpanRef::set_tags`].
pub fn set_tags(tags: &[Tag<'_>]) {
    with_live(|live| live.set_tags(tags));
}

/// Something happened in the current span. See [`SpanRef::event`].
pub fn event<'a>(name: impl Into<Name<'a>>) {
    with_live(|live| live::update(live, Update::Event(Event::new(name))));
}

/// Something happened in the current span, with details. See [`SpanRef::event_with`].
pub fn event_with(event: Event<'_>) {
    with_live(|live| live::update(live, Update::Event(event)));
}

/// Whether the current span is recorded: whether costly tags are worth their work. See [`SpanRef::is_recording`].
pub fn is_recording() -> bool {
    let mut recording = false;
    with_live(|live| recording = live.is_recording());
    recording
}

/// Gives the current span another name: the route, once it is known. See [`SpanRef::set_name`].
pub fn set_name<'a>(name: impl Into<Name<'a>>) {
    with_live(|live| live::update(live, Update::Name(name.into())));
}

/// Says how the current span's operation went. See [`SpanRef::set_status`].
pub fn set_status(status: Status<'_>) {
    with_live(|live| live::update(live, Update::Status(status)));
}

/// Says that the current span has to do with another one. See [`SpanRef::link`].
pub fn link(link: Link<'_>) {
    with_live(|live| live::update(live, Update::Link(link)));
}

/// Records an error on the current span. See [`SpanRef::record_error`].
pub fn record_error<E: Display + ?Sized>(error: &E) {
    with_live(|live| {
        if live.is_recording() {
            record_error_on(live, error);
        }
    });
}

/// Sets a pair in the shared baggage of the request: whatever starts later in it sees it.
///
/// # Errors
///
/// When nobody would see it, because no baggage is shared here
/// ([`StartedSpan::share_baggage`](crate::StartedSpan::share_baggage)), and when it cannot be carried. See
/// [`StartedSpan::set_baggage`](crate::StartedSpan::set_baggage).
pub fn set_baggage(key: &str, value: &str) -> Result<(), BaggageError> {
    current_span().set_baggage(key, value)
}

/// Removes a pair from the shared baggage of the request; whether it was there.
///
/// # Errors
///
/// As [`set_baggage`].
pub fn remove_baggage(key: &str) -> Result<bool, BaggageError> {
    current_span().remove_baggage(key)
}

/// Why the baggage of the request was not set.
///
/// ```
/// let error = anytrace_api::set_baggage("tenant", "acme").unwrap_err();
/// assert_eq!(error.to_string(), "no baggage is shared here: nobody would see it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageError {
    /// It cannot be carried.
    Limit(LimitError),
    /// Nobody would see it.
    NotShared,
}

impl Display for BaggageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaggageError::Limit(error) => error.fmt(f),
            BaggageError::NotShared => f.write_str("no baggage is shared here: nobody would see it"),
        }
    }
}

impl Error for BaggageError {}

/// Writes the current span's context into `carrier`. See [`SpanRef::inject`].
pub fn inject(carrier: &mut dyn TextMapWriter) {
    current_span().inject(carrier);
}

/// What `carrier` holds, as far as the tracer in force can read it; without one, nothing.
pub fn extract(carrier: &dyn TextMapReader) -> Extracted {
    if !in_use() {
        return Extracted::default();
    }
    with_tracer_in_force(|tracer| tracer.map_or_else(Extracted::default, |tracer| tracer.extract(carrier)))
}
