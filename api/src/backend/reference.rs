//! A reference to a span.

use std::{
    any::{Any, type_name},
    error::Error,
    fmt::{self, Display},
    sync::Arc,
};

use super::{Span, Update, record_update};
use crate::{
    model::{
        Baggage, BaggageError, Context, Event, Link, Name, SpanId, Status, Tag, TraceContext, TraceId, Value,
        keys,
    },
    tags,
};

/// A reference to a span, to write to the span and to continue its trace. Never ends the span.
///
/// A reference clones, is `Send + Sync` and may outlive its span: later writes are counted and not recorded. The reference
/// holds the context inline and, if the span is live, a pointer to it. The default is the empty reference. If the span is
/// not recorded, a setter costs one branch.
///
/// Setters take `&self` and chain.
///
/// ```
/// use anytrace_api::{self as trace, SpanRef};
///
/// fn record_rows(span: &SpanRef, rows: u64) {
///     span.set_tag("rows", rows).event("fetched");
/// }
///
/// let span = trace::start_span("query");
/// record_rows(&span, 3);
/// let for_later: SpanRef = span.reference();
/// span.finish();
/// record_rows(&for_later, 4); // counted as a late write
/// ```
#[derive(Clone, Default)]
pub struct SpanRef {
    context: Context,
    live: Option<Arc<dyn Span>>,
}

impl SpanRef {
    /// Creates an empty reference.
    pub const fn none() -> Self {
        SpanRef { context: Context::EMPTY, live: None }
    }

    /// Creates a reference to `live` with its `context`, for backends. Without a live span the reference is a context that
    /// can be made current.
    pub const fn new(context: Context, live: Option<Arc<dyn Span>>) -> Self {
        SpanRef { context, live }
    }

    /// Returns the context and the live span, for backends that wrap other backends.
    ///
    /// ```
    /// use anytrace_api::{Context, SpanRef};
    ///
    /// let (context, live) = SpanRef::none().into_parts();
    /// assert_eq!((context, live.is_none()), (Context::EMPTY, true));
    /// ```
    #[inline]
    pub fn into_parts(self) -> (Context, Option<Arc<dyn Span>>) {
        (self.context, self.live)
    }

    #[inline]
    pub(crate) fn context_mut(&mut self) -> &mut Context {
        &mut self.context
    }

    #[inline]
    pub(crate) fn take_live(&mut self) -> Option<Arc<dyn Span>> {
        self.live.take()
    }

    #[inline]
    pub(crate) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }

    /// Returns true if the span is recorded. Check this before you compute a costly tag.
    ///
    /// ```
    /// assert!(!anytrace_api::SpanRef::none().is_recording());
    /// ```
    pub fn is_recording(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_recording())
    }

    /// Returns true for an empty reference: there is no tracer, or no span is current.
    ///
    /// ```
    /// assert!(anytrace_api::SpanRef::none().is_none());
    /// ```
    pub fn is_none(&self) -> bool {
        self.live.is_none() && self.context.is_empty()
    }

    /// Returns the trace id. `None` for an empty reference.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.context.trace_id()
    }

    /// Returns the span id. `None` for an empty reference.
    pub fn span_id(&self) -> Option<SpanId> {
        self.context.span_id()
    }

    /// Returns the baggage: the key/value pairs that travel with the trace.
    pub fn baggage(&self) -> &Baggage {
        self.context.baggage()
    }

    /// Sets a key/value pair in the shared baggage of the span's request: spans that start later in the request see it.
    ///
    /// # Errors
    ///
    /// [`BaggageError::NotShared`] if the request has no shared baggage, and [`BaggageError::Limit`] if the pair cannot be
    /// carried.
    pub fn set_baggage(&self, key: &str, value: &str) -> Result<(), BaggageError> {
        let shared = self.context.shared_baggage().ok_or(BaggageError::NotShared)?;
        shared.change(key, |baggage| baggage.insert(key, value)).map_err(BaggageError::Limit)
    }

    /// Removes a pair from the shared baggage of the span's request. Returns true if the pair existed.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons as [`set_baggage`](Self::set_baggage).
    pub fn remove_baggage(&self, key: &str) -> Result<bool, BaggageError> {
        let shared = self.context.shared_baggage().ok_or(BaggageError::NotShared)?;
        let mut removed = false;
        let remove = |baggage: &mut Baggage| {
            removed = baggage.remove(key);
            Ok(())
        };
        shared.change(key, remove).map_err(BaggageError::Limit)?;
        Ok(removed)
    }

    /// Returns a reference to the same span with exactly this baggage: for one branch of the work, or one call. See
    /// [`Context::with_baggage_items`].
    ///
    /// ```
    /// use anytrace_api::{Baggage, SpanRef};
    /// use std::collections::HashMap;
    ///
    /// fn call_partner(span: &SpanRef, headers: &mut HashMap<String, String>) {
    ///     span.clone().with_baggage_items(Baggage::new()).inject(headers);
    /// }
    /// # call_partner(&SpanRef::none(), &mut HashMap::new());
    /// ```
    pub fn with_baggage_items(mut self, baggage: Baggage) -> Self {
        self.context = self.context.with_baggage_items(baggage);
        self
    }

    /// Returns a reference to the same span with a value that its children inherit in this process. See
    /// [`Context::with_extension`].
    pub fn with_extension<T: Any + Send + Sync>(mut self, value: Arc<T>) -> Self {
        self.context.set_extension(value);
        self
    }

    /// Sets a tag. A tag with an equal key is replaced, and an absent value changes nothing.
    ///
    /// On a new span that is not yet bound to a variable, use [`StartedSpan::tag`](crate::StartedSpan::tag), which
    /// returns the span.
    ///
    /// ```
    /// let span = anytrace_api::start_span("load");
    /// span.set_tag("rows", 3).set_tag("cache", "l2");
    /// ```
    pub fn set_tag<'a>(&self, key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) -> &Self {
        if let Some(live) = self.live() {
            live.set_tag(key.into(), value.into());
        }
        self
    }

    /// Sets several tags at once, which costs less than one call for each.
    ///
    /// ```
    /// use anytrace_api::{self as trace, tags};
    ///
    /// trace::start_span("load").set_tags(&tags! { "rows" => 3, "cache" => "l2" });
    /// ```
    pub fn set_tags(&self, tags: &[Tag<'_>]) -> &Self {
        if let Some(live) = self.live() {
            live.set_tags(tags);
        }
        self
    }

    /// Sets a tag to the `Display` text of `value`, which is formatted only if the span is recorded.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// anytrace_api::start_span("connect").set_tag_display("peer", &Ipv4Addr::LOCALHOST);
    /// ```
    pub fn set_tag_display<'a>(&self, key: impl Into<Name<'a>>, value: &(impl Display + ?Sized)) -> &Self {
        if let Some(live) = self.recording() {
            let text = value.to_string();
            live.set_tag(key.into(), Value::Copied(&text));
        }
        self
    }

    /// Renames the span, for example once the route is known.
    ///
    /// ```
    /// anytrace_api::start_span("GET").set_name("GET /users/{id}");
    /// ```
    pub fn set_name<'a>(&self, name: impl Into<Name<'a>>) -> &Self {
        self.update(|| Update::Name(name.into()))
    }

    /// Adds an event with the current time.
    ///
    /// ```
    /// anytrace_api::start_span("load").event("cache miss");
    /// ```
    pub fn event<'a>(&self, name: impl Into<Name<'a>>) -> &Self {
        self.update(|| Update::Event(Event::new(name)))
    }

    /// Adds an event with tags, or with another time.
    ///
    /// ```
    /// use anytrace_api::{self as trace, Event, tags};
    ///
    /// trace::start_span("load").event_with(Event::new("retried").tags(&tags! { "attempt" => 2 }));
    /// ```
    pub fn event_with(&self, event: Event<'_>) -> &Self {
        self.update(|| Update::Event(event))
    }

    /// Adds an event with tags and the current time.
    ///
    /// ```
    /// use anytrace_api::{self as trace, tags};
    ///
    /// trace::start_span("load").event_tags("retried", &tags! { "attempt" => 2 });
    /// ```
    pub fn event_tags<'a>(&self, name: impl Into<Name<'a>>, tags: &[Tag<'_>]) -> &Self {
        self.update(|| Update::Event(Event::new(name).tags(tags)))
    }

    /// Links the span to another span, which is not its parent.
    ///
    /// ```
    /// use anytrace_api::{self as trace, Link};
    ///
    /// let message = trace::start_trace("message");
    /// trace::start_trace("batch").link(Link::to(&message));
    /// ```
    pub fn link(&self, link: Link<'_>) -> &Self {
        self.update(|| Update::Link(link))
    }

    /// Sets the status: whether the operation succeeded.
    ///
    /// ```
    /// use anytrace_api::{self as trace, Status};
    ///
    /// trace::start_span("load").set_status(Status::error("no such table"));
    /// ```
    pub fn set_status(&self, status: Status<'_>) -> &Self {
        self.update(|| Update::Status(status))
    }

    /// Records an error: an event `exception` with the type and the message, and an error status.
    ///
    /// Takes every type that implements `Display`: errors, boxed errors, `anyhow::Error` and plain text. The message is
    /// `format!("{error:#}")`, which for `anyhow` errors includes the causes. To record the causes of a
    /// `std::error::Error`, use [`record_error_chain`](Self::record_error_chain).
    ///
    /// ```
    /// let span = anytrace_api::start_span("parse");
    /// if let Err(error) = "x".parse::<u32>() {
    ///     span.record_error(&error);
    /// }
    /// span.record_error("out of stock");
    /// ```
    pub fn record_error<E: Display + ?Sized>(&self, error: &E) -> &Self {
        if let Some(live) = self.recording() {
            record_error_on(live, error);
        }
        self
    }

    /// Records an error with the messages of its causes ([`Error::source`]), up to 16. Otherwise like
    /// [`record_error`](Self::record_error). For a boxed error, pass `&*error`.
    ///
    /// ```
    /// use std::{error::Error, fmt, io};
    ///
    /// #[derive(Debug)]
    /// struct CannotLoad(io::Error);
    ///
    /// impl fmt::Display for CannotLoad {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         f.write_str("cannot load the users")
    ///     }
    /// }
    /// impl Error for CannotLoad {
    ///     fn source(&self) -> Option<&(dyn Error + 'static)> {
    ///         Some(&self.0)
    ///     }
    /// }
    ///
    /// let error = CannotLoad(io::Error::other("disk full"));
    /// // Recorded as "cannot load the users: disk full".
    /// anytrace_api::start_span("load").record_error_chain(&error);
    /// ```
    pub fn record_error_chain<E: Error + ?Sized>(&self, error: &E) -> &Self {
        if let Some(live) = self.recording() {
            record_exception(live, type_name::<E>(), &chain_message(error));
        }
        self
    }

    /// Records the error of a result, and returns the result.
    ///
    /// ```
    /// # fn main() -> Result<(), std::num::ParseIntError> {
    /// let span = anytrace_api::start_span("parse");
    /// let number: u32 = span.record_result("7".parse())?;
    /// # assert_eq!(number, 7);
    /// # Ok(()) }
    /// ```
    pub fn record_result<T, E: Display>(&self, result: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &result {
            self.record_error(error);
        }
        result
    }

    /// Returns the backend's own form of this span's context, for code that knows the backend, such as OpenTelemetry's
    /// `Context`. `None` if the backend has no native context.
    pub fn native(&self) -> Option<Box<dyn Any>> {
        self.live()?.native_context()?.value(&self.context)
    }

    fn recording(&self) -> Option<&dyn Span> {
        self.live().filter(|live| live.is_recording())
    }

    fn update<'a>(&self, update: impl FnOnce() -> Update<'a>) -> &Self {
        if let Some(live) = self.live() {
            record_update(live, update());
        }
        self
    }
}

/// The maximum number of recorded causes of an error.
const MAX_CAUSES: usize = 16;

/// Formats the error outside of every lock, because this runs the error's own code.
pub(crate) fn record_error_on<E: Display + ?Sized>(live: &dyn Span, error: &E) {
    record_exception(live, type_name::<E>(), &format!("{error:#}"));
}

fn record_exception(live: &dyn Span, type_name: &'static str, message: &str) {
    let is_generic =
        matches!(type_name, "str" | "&str" | "alloc::string::String") || type_name.contains("dyn ");
    let exception_type = (!is_generic).then_some(Value::Static(type_name));
    let tags = tags! { keys::EXCEPTION_TYPE => exception_type, keys::EXCEPTION_MESSAGE => message };
    record_update(live, Update::Event(Event::new("exception").tags(&tags)));
    record_update(live, Update::Status(Status::error(message)));
}

/// Returns the message of an error followed by those of its causes, each after a colon. A cause whose message the text
/// already ends with is left out.
fn chain_message<E: Error + ?Sized>(error: &E) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(error) = cause else { break };
        let text = error.to_string();
        if !message.ends_with(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

impl TraceContext for SpanRef {
    fn context(&self) -> &Context {
        &self.context
    }
}

/// Creates a reference without a live span: a context that can be made current, so that log lines and children use it.
///
/// ```
/// use anytrace_api::{Context, Sampling, SpanId, SpanRef, TraceId, current_ids};
///
/// let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// let caller = Context::remote(ids.0, ids.1, Sampling::Record);
/// SpanRef::from(caller).in_scope(|| assert_eq!(current_ids(), Some(ids)));
/// ```
impl From<Context> for SpanRef {
    fn from(context: Context) -> Self {
        SpanRef::new(context, None)
    }
}

impl fmt::Debug for SpanRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanRef").field("context", &self.context).field("live", &self.live.is_some()).finish()
    }
}
