//! Free functions that act on the current span.

use std::fmt::Display;

use super::{
    global::in_use,
    lookup::{
        NativeState, Newest, borrow_plain_top, current_span, newest, plain_top_ids, with_current_tracer,
    },
};
use crate::{
    backend::{
        Span, Update, record_update,
        reference::{SpanRef, record_error_on},
    },
    model::{
        BaggageError, Event, Extracted, Link, Name, Propagator, SpanId, Status, Tag, TextMapReader,
        TextMapWriter, TraceContext, TraceId, Value, W3C,
    },
};

/// Returns the ids of the current span, for log lines. Takes no lock and clones nothing.
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
    match plain_top_ids() {
        Ok(ids) => ids,
        Err(_) => current_span().context().ids(),
    }
}

/// Calls `work` with the live span of the current span, if that has one.
#[allow(clippy::inline_always, reason = "the captures of `work` stay in registers")]
#[inline(always)]
fn with_live(work: impl FnOnce(&dyn Span)) {
    if !in_use() {
        return;
    }
    let Ok(borrowed) = borrow_plain_top(|_| ()) else {
        let mut work = Some(work);
        return with_newest_live(&mut |live| {
            if let Some(work) = work.take() {
                work(live);
            }
        });
    };
    if let Some(live) = borrowed.live() {
        work(live);
        borrowed.give_back();
    }
}

/// The slow path, where other entries or a native context decide. Cold for native contexts too: asking them costs more
/// than the call.
#[cold]
fn with_newest_live(work: &mut dyn FnMut(&dyn Span)) {
    let span = match newest() {
        Newest::Span(span) => span,
        Newest::Tracer(_) | Newest::None => {
            if let Some(live) = current_span().live() {
                work(live);
            }
            return;
        }
    };
    match (span.native_state(), span.live()) {
        (NativeState::Unchanged, Some(live)) => work(live),
        (NativeState::Newer(span), _) => {
            if let Some(live) = span.live() {
                work(live);
            }
        }
        (NativeState::Unchanged, None) | (NativeState::Empty, _) => {}
    }
}

/// Sets a tag on the current span. See [`SpanRef::set_tag`](crate::SpanRef::set_tag).
///
/// ```
/// anytrace_api::set_tag("rows", 3);
/// ```
pub fn set_tag<'a>(key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) {
    with_live(|live| live.set_tag(key.into(), value.into()));
}

/// Sets several tags on the current span. See [`SpanRef::set_tags`](crate::SpanRef::set_tags).
///
/// ```
/// use anytrace_api::{self as trace, tags};
///
/// trace::set_tags(&tags! { "rows" => 3, "cache" => "l2" });
/// ```
pub fn set_tags(tags: &[Tag<'_>]) {
    with_live(|live| live.set_tags(tags));
}

/// Adds an event to the current span. See [`SpanRef::event`](crate::SpanRef::event).
///
/// ```
/// anytrace_api::event("cache miss");
/// ```
pub fn event<'a>(name: impl Into<Name<'a>>) {
    with_live(|live| record_update(live, Update::Event(Event::new(name))));
}

/// Adds an event with tags, or with another time, to the current span. See
/// [`SpanRef::event_with`](crate::SpanRef::event_with).
///
/// ```
/// use anytrace_api::{self as trace, Event, tags};
///
/// trace::event_with(Event::new("retried").tags(&tags! { "attempt" => 2 }));
/// ```
pub fn event_with(event: Event<'_>) {
    with_live(|live| record_update(live, Update::Event(event)));
}

/// Adds an event with tags to the current span. See [`SpanRef::event_tags`](crate::SpanRef::event_tags).
///
/// ```
/// use anytrace_api::{self as trace, tags};
///
/// trace::event_tags("retried", &tags! { "attempt" => 2 });
/// ```
pub fn event_tags<'a>(name: impl Into<Name<'a>>, tags: &[Tag<'_>]) {
    with_live(|live| record_update(live, Update::Event(Event::new(name).tags(tags))));
}

/// Returns true if the current span is recorded. Check this before you compute a costly tag. See
/// [`SpanRef::is_recording`](crate::SpanRef::is_recording).
///
/// ```
/// if anytrace_api::is_recording() {
///     // … compute a costly tag …
/// }
/// ```
pub fn is_recording() -> bool {
    let mut recording = false;
    with_live(|live| recording = live.is_recording());
    recording
}

/// Renames the current span, for example once the route is known. See [`SpanRef::set_name`](crate::SpanRef::set_name).
///
/// ```
/// anytrace_api::set_name("GET /users/{id}");
/// ```
pub fn set_name<'a>(name: impl Into<Name<'a>>) {
    with_live(|live| record_update(live, Update::Name(name.into())));
}

/// Sets the status of the current span. See [`SpanRef::set_status`](crate::SpanRef::set_status).
///
/// ```
/// use anytrace_api::{self as trace, Status};
///
/// trace::set_status(Status::error("out of stock"));
/// ```
pub fn set_status(status: Status<'_>) {
    with_live(|live| record_update(live, Update::Status(status)));
}

/// Links the current span to another span. See [`SpanRef::link`](crate::SpanRef::link).
///
/// ```
/// use anytrace_api::{self as trace, Link};
///
/// let message = trace::start_trace("message");
/// trace::link(Link::to(&message));
/// ```
pub fn link(link: Link<'_>) {
    with_live(|live| record_update(live, Update::Link(link)));
}

/// Records an error on the current span. See [`SpanRef::record_error`](crate::SpanRef::record_error).
///
/// To record the causes too, use [`SpanRef::record_error_chain`](crate::SpanRef::record_error_chain) on
/// [`current_span`](crate::current_span).
///
/// ```
/// if let Err(error) = "x".parse::<u32>() {
///     anytrace_api::record_error(&error);
/// }
/// ```
pub fn record_error<E: Display + ?Sized>(error: &E) {
    with_live(|live| {
        if live.is_recording() {
            record_error_on(live, error);
        }
    });
}

/// Sets a key/value pair in the shared baggage of the request: spans that start later in the request see it.
///
/// # Errors
///
/// [`BaggageError::NotShared`] if the request has no shared baggage, which a server layer creates with
/// [`StartedSpan::share_baggage`](crate::StartedSpan::share_baggage), and [`BaggageError::Limit`] if the pair cannot be
/// carried.
///
/// ```
/// use anytrace_api::{self as trace, errors::BaggageError};
///
/// assert_eq!(trace::set_baggage("tenant", "acme"), Err(BaggageError::NotShared));
/// ```
pub fn set_baggage(key: &str, value: &str) -> Result<(), BaggageError> {
    current_span().set_baggage(key, value)
}

/// Removes a pair from the shared baggage of the request. Returns true if the pair existed.
///
/// # Errors
///
/// Fails for the same reasons as [`set_baggage`].
///
/// ```
/// assert!(anytrace_api::remove_baggage("tenant").is_err());
/// ```
pub fn remove_baggage(key: &str) -> Result<bool, BaggageError> {
    current_span().remove_baggage(key)
}

/// Writes the context of the current span into `carrier`. See [`SpanRef::inject`](crate::SpanRef::inject).
///
/// ```
/// use std::collections::HashMap;
///
/// let mut headers = HashMap::<String, String>::new();
/// anytrace_api::inject(&mut headers);
/// ```
pub fn inject(carrier: &mut dyn TextMapWriter) {
    current_span().inject(carrier);
}

/// Reads a context from `carrier` in the wire formats of the current tracer. Without a tracer the result is empty.
///
/// ```
/// use std::collections::HashMap;
///
/// let headers = HashMap::<String, String>::new();
/// assert!(anytrace_api::extract(&headers).errors().is_empty());
/// ```
pub fn extract(carrier: &dyn TextMapReader) -> Extracted {
    if !in_use() {
        return Extracted::default();
    }
    with_current_tracer(|tracer| tracer.map_or_else(Extracted::default, |tracer| tracer.extract(carrier)))
}

impl SpanRef {
    /// Writes the context into `carrier`, in the backend's wire formats, and replaces headers that exist.
    ///
    /// The context of a span that is not recorded is written by the current tracer, or in the W3C formats if there is none.
    /// An empty reference writes nothing.
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// let mut headers = HashMap::from([("accept".to_owned(), "*/*".to_owned())]);
    /// anytrace_api::start_span("call").inject(&mut headers);
    /// assert_eq!(headers.len(), 1, "there is no tracer");
    /// ```
    pub fn inject(&self, carrier: &mut dyn TextMapWriter) {
        let context = self.context();
        if let Some(live) = self.live() {
            return live.inject(context, carrier);
        }
        if self.is_none() {
            return;
        }
        with_current_tracer(|tracer| match tracer {
            Some(tracer) => tracer.inject(context, carrier),
            None => W3C.inject(context, carrier),
        });
    }
}
