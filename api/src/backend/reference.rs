//! A span to write to and to continue from.

use std::{
    any::{Any, type_name},
    fmt::{self, Display},
    panic::Location,
    sync::Arc,
};

use crate::{Scope, active, span::live, tags, backend::{Span, Update}, backend::started::StartedSpan, model::{Baggage, BaggageError, Context, Event, Link, Name, Operation, Propagator, SpanId, Status, Tag, TextMapWriter, TraceContext, TraceId, Value, W3C, keys}};

/// A span to write to and to continue from, never to end.
///
/// It clones freely, goes to any thread and may outlive its span: what it says then is counted, not recorded. It is
/// the context, inline, and a pointer to the live span where there is one; empty by default. Where the span is not
/// recorded, setting things costs a branch.
///
/// Setters take `&self` and chain.
///
/// ```
/// use anytrace_api::{self as trace, SpanRef};
///
/// fn answer(span: &SpanRef, rows: u64) {
///     span.set_tag("rows", rows).event("answered");
/// }
///
/// let span = trace::start_span("query");
/// answer(&span, 3);
/// let for_later: SpanRef = span.reference();
/// span.finish();
/// answer(&for_later, 4); // too late, and harmless
/// ```
#[derive(Clone, Default)]
pub struct SpanRef {
    context: Context,
    live: Option<Arc<dyn Span>>,
}

impl SpanRef {
    /// No span at all.
    pub const fn none() -> Self {
        SpanRef { context: Context::EMPTY, live: None }
    }

    /// For backends: a reference to `live` with its `context`. Without a live span, it is a context that can be made
    /// current.
    pub const fn new(context: Context, live: Option<Arc<dyn Span>>) -> Self {
        SpanRef { context, live }
    }

    /// For backends that stand in front of others: the context and the live span.
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

    /// False when nothing that is set here will ever be seen: skip costly work.
    pub fn is_recording(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_recording())
    }

    /// No span at all: there is no tracer, or nothing is current.
    pub fn is_none(&self) -> bool {
        self.live.is_none() && self.context.is_empty()
    }

    /// Which trace, if any.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.context.trace_id()
    }

    /// Which span, if any.
    pub fn span_id(&self) -> Option<SpanId> {
        self.context.span_id()
    }

    /// The key/value pairs that travel with the trace, as far as they are known here.
    pub fn baggage(&self) -> &Baggage {
        self.context.baggage()
    }

    /// Sets a pair in the shared baggage of the request that the span belongs to: whatever starts later in it sees it.
    ///
    /// # Errors
    ///
    /// As [`set_baggage`](crate::set_baggage), which does the same for the current span.
    pub fn set_baggage(&self, key: &str, value: &str) -> Result<(), BaggageError> {
        let shared = self.context.shared_baggage().ok_or(BaggageError::NotShared)?;
        shared.change(key, |baggage| baggage.insert(key, value)).map_err(BaggageError::Limit)
    }

    /// Removes a pair from the shared baggage of the request; whether it was there.
    ///
    /// # Errors
    ///
    /// As [`set_baggage`](Self::set_baggage).
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

    /// The same span, with exactly this baggage: for one branch, or one call. See [`Context::with_baggage_items`].
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

    /// The same span, with a value that travels with it in this process. See [`Context::with_extension`].
    pub fn with_extension<T: Any + Send + Sync>(mut self, value: Arc<T>) -> Self {
        self.context.set_extension(value);
        self
    }

    /// Starts a child, by the same backend. The child of a span that is not recorded is not recorded, and carries
    /// the same context on, so that whatever is downstream belongs to the last span that is.
    #[track_caller]
    pub fn start_child<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        let operation = operation.into().started_at(Location::caller());
        active::unless_suppressed(Some(&self.context), || match self.live() {
            Some(live) => live.start_child(&operation, &self.context),
            None => active::start_beneath(&self.context, &operation),
        })
    }

    /// Writes the context into `carrier`, in the backend's wire formats and in place of what was there.
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// let mut headers = HashMap::from([("accept".to_owned(), "*/*".to_owned())]);
    /// anytrace_api::start_span("call").inject(&mut headers);
    /// assert_eq!(headers.len(), 1, "there is no tracer");
    /// ```
    pub fn inject(&self, carrier: &mut dyn TextMapWriter) {
        if let Some(live) = self.live() {
            return live.inject(&self.context, carrier);
        }
        if self.is_none() {
            return;
        }
        active::with_tracer_in_force(|tracer| match tracer {
            Some(tracer) => tracer.inject(&self.context, carrier),
            None => W3C.inject(&self.context, carrier),
        });
    }

    /// Sets a tag: an equal key is replaced, an absent value changes nothing.
    pub fn set_tag<'a>(&self, key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) -> &Self {
        if let Some(live) = self.live() {
            live.set_tag(key.into(), value.into());
        }
        self
    }

    /// Sets several at the price of one.
    pub fn set_tags(&self, tags: &[Tag<'_>]) -> &Self {
        if let Some(live) = self.live() {
            live.set_tags(tags);
        }
        self
    }

    /// Sets a tag to how `value` shows itself, which is asked only when it will be seen.
    pub fn set_tag_display<'a>(&self, key: impl Into<Name<'a>>, value: &(impl Display + ?Sized)) -> &Self {
        if let Some(live) = self.recording() {
            let text = value.to_string();
            live.set_tag(key.into(), Value::Copied(&text));
        }
        self
    }

    /// Another name: the route, once it is known.
    pub fn set_name<'a>(&self, name: impl Into<Name<'a>>) -> &Self {
        self.update(|| Update::Name(name.into()))
    }

    /// Something happened now.
    pub fn event<'a>(&self, name: impl Into<Name<'a>>) -> &Self {
        self.update(|| Update::Event(Event::new(name)))
    }

    /// Something happened, with details or at another time.
    pub fn event_with(&self, event: Event<'_>) -> &Self {
        self.update(|| Update::Event(event))
    }

    /// It has to do with another span.
    pub fn link(&self, link: Link<'_>) -> &Self {
        self.update(|| Update::Link(link))
    }

    /// How it went.
    pub fn set_status(&self, status: Status<'_>) -> &Self {
        self.update(|| Update::Status(status))
    }

    /// Records an error: an event `exception` with its type and message, and the status. Any error that can be shown,
    /// so also boxes, `anyhow` (with its causes: the message is the alternate form, `{:#}`) and plain text.
    ///
    /// ```
    /// let span = anytrace_api::start_span("parse");
    /// if let Err(error) = "x".parse::<u32>() {
    ///     span.record_error(&error);
    /// }
    /// span.record_error("out of luck");
    /// ```
    pub fn record_error<E: Display + ?Sized>(&self, error: &E) -> &Self {
        if let Some(live) = self.recording() {
            record_error_on(live, error);
        }
        self
    }

    /// Records the error of a result, and gives the result back.
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

    /// Makes it current on this thread until the guard goes. For futures, see
    /// [`FutureExt::in_span`](crate::FutureExt::in_span).
    ///
    /// ```
    /// let span = anytrace_api::start_span("load");
    /// {
    ///     let _current = span.enter();
    ///     anytrace_api::event("found"); // on `span`
    /// }
    /// ```
    pub fn enter(&self) -> Scope {
        Scope::of_span(self)
    }

    /// Makes it current during `work`.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        active::bounded(self.enter(), work)
    }

    /// The backend's own form of this span's context, for code that knows the backend.
    pub fn native(&self) -> Option<Box<dyn Any>> {
        self.live()?.native(&self.context)
    }

    fn recording(&self) -> Option<&dyn Span> {
        self.live().filter(|live| live.is_recording())
    }

    fn update<'a>(&self, update: impl FnOnce() -> Update<'a>) -> &Self {
        if let Some(live) = self.live() {
            live::update(live, update());
        }
        self
    }
}

/// Formats outside every lock, since this runs the error's own code.
pub(crate) fn record_error_on<E: Display + ?Sized>(live: &dyn Span, error: &E) {
    // Errors that know their causes show them in the alternate form.
    let message = format!("{error:#}");
    let kind = type_name::<E>();
    let says_nothing = matches!(kind, "str" | "&str" | "alloc::string::String") || kind.contains("dyn ");
    let kind = (!says_nothing).then_some(Value::Static(kind));
    let tags = tags! { keys::EXCEPTION_TYPE => kind, keys::EXCEPTION_MESSAGE => &message };
    live::update(live, Update::Event(Event::new("exception").tags(&tags)));
    live::update(live, Update::Status(Status::error(&message)));
}

impl TraceContext for SpanRef {
    fn context(&self) -> &Context {
        &self.context
    }
}

/// A reference to no live span: a context to make current, so that log lines and what starts beneath know it.
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
