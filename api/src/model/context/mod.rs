//! The trace context: the data that continues a trace in another place or process.

mod extras;
mod identity;

use std::{any::Any, fmt, sync::Arc};

use self::{
    extras::{BaggageStorage, Extras},
    identity::Identity,
};
use crate::model::{
    Baggage, LimitError, Sampling, SpanId, TraceId, TraceState, extensions::Extensions,
    shared_baggage::SharedBaggage,
};

/// A value that a trace can be continued from: a [`Context`], a span, the content of a carrier, or a backend's native
/// context.
///
/// Functions that take a parent or a link accept any implementation. The trait requires `Send + Sync` so that parents
/// and links can be held across an `.await`.
///
/// ```
/// use anytrace_api::{Context, Sampling, TraceContext, TraceId, SpanId};
///
/// fn log_line(source: &dyn TraceContext) -> String {
///     source.context().trace_id().map_or_else(String::new, |id| id.to_string())
/// }
///
/// let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// assert_eq!(log_line(&Context::remote(ids.0, ids.1, Sampling::Record)), format!("{:032x}", 1));
/// assert_eq!(log_line(&Context::default()), "");
/// ```
pub trait TraceContext: Send + Sync {
    /// Returns the context.
    fn context(&self) -> &Context;
}

macro_rules! forwarded {
    ($($pointer:ty)*) => { $(
        #[deny(clippy::missing_trait_methods)]
        impl<T: TraceContext + ?Sized> TraceContext for $pointer {
            fn context(&self) -> &Context {
                (**self).context()
            }
        }
    )* };
}
forwarded!(&T Box<T> Arc<T>);

/// The trace context of a span: trace id, span id, sampling decision, trace state and baggage.
///
/// A context is a value of 40 bytes. A clone costs at most one reference count, and a change to a clone affects no
/// other context, except that a request can [share its baggage](crate::StartedSpan::share_baggage). Trace state,
/// baggage and extensions are behind one pointer, which is absent while all of them are empty.
///
/// Ids are optional. A span that is started from a context without ids is the root of a new trace; baggage and the
/// sampling decision of the context apply to that trace.
///
/// ```
/// use anytrace_api::{Context, Sampling, SpanId, TraceId};
///
/// let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// let context = Context::remote(trace, span, Sampling::Record).with_baggage("tenant", "acme")?;
///
/// assert_eq!(context.ids(), Some((trace, span)));
/// assert_eq!(context.baggage().get("tenant"), Some("acme"));
/// assert!(context.is_remote());
/// assert!(Context::default().is_empty());
/// # Ok::<(), anytrace_api::errors::LimitError>(())
/// ```
#[derive(Clone, Default)]
pub struct Context {
    identity: Identity,
    extras: Option<Arc<Extras>>,
}

static NO_BAGGAGE: Baggage = Baggage::new();
static NO_TRACE_STATE: TraceState = TraceState::new();
static NO_EXTENSIONS: Extensions = Extensions::new();

impl Context {
    /// A context without ids, sampling decision, trace state, baggage and extensions.
    pub const EMPTY: Self = Context { identity: Identity::EMPTY, extras: None };

    /// Creates the context of a span of this process.
    #[inline]
    pub const fn new(trace_id: TraceId, span_id: SpanId, sampling: Sampling) -> Self {
        Context { identity: Identity::new(trace_id, span_id.to_u64(), sampling), extras: None }
    }

    /// Creates the context of a span of another process, for which [`is_remote`](Self::is_remote) returns true.
    pub const fn remote(trace_id: TraceId, span_id: SpanId, sampling: Sampling) -> Self {
        Context {
            identity: Identity::new(trace_id, span_id.to_u64(), sampling).with_remote(true),
            extras: None,
        }
    }

    /// Creates the context of a caller that sent a trace id but no span id. A span that is started from this context
    /// is a root span with this trace id.
    ///
    /// ```
    /// use anytrace_api::{Context, Sampling, TraceId};
    ///
    /// let context = Context::of_trace(TraceId::from_u128(7).unwrap(), Sampling::Defer);
    /// assert_eq!(context.span_id(), None);
    /// ```
    pub const fn of_trace(trace_id: TraceId, sampling: Sampling) -> Self {
        Context { identity: Identity::new(trace_id, 0, sampling).with_remote(true), extras: None }
    }

    /// Creates the context of a child span, with the same trace id, trace state, baggage and extensions. For backends.
    ///
    /// ```
    /// # use anytrace_api::{Context, Sampling, SpanId, TraceId};
    /// # let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    /// let parent = Context::remote(trace, span, Sampling::Record).with_baggage("tenant", "acme")?;
    /// let child = parent.child(SpanId::from_u64(3).unwrap(), Sampling::Record);
    /// assert_eq!((child.trace_id(), child.is_remote()), (Some(trace), false));
    /// assert_eq!(child.baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    #[inline]
    pub fn child(&self, span_id: SpanId, sampling: Sampling) -> Self {
        let mut identity = self.identity.decided(sampling);
        identity.span = span_id.to_u64();
        // The usual case, without extras, has a constructor of its own, which neither tests nor drops an `Option`.
        match &self.extras {
            None => Context { identity, extras: None },
            Some(extras) => Context { identity, extras: extras.for_child() },
        }
    }

    /// Creates the context of the root span of a new trace, with the trace state, baggage and extensions of this
    /// context. For backends.
    #[inline]
    pub fn root(&self, trace_id: TraceId, span_id: SpanId, sampling: Sampling) -> Self {
        let extras = self.extras.as_ref().and_then(Extras::for_child);
        Context { extras, ..Self::new(trace_id, span_id, sampling) }
    }

    /// Returns this context with the sampling decision of a tracer of this process. For backends.
    ///
    /// The result is no longer remote or shareable. A backend uses it for a span that is not recorded: children
    /// inherit the decision, and no sampler runs for them.
    ///
    /// ```
    /// # use anytrace_api::{Context, Sampling, SpanId, TraceId};
    /// # let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    /// let decided = Context::remote(trace, span, Sampling::Record).decided(Sampling::Drop);
    /// assert_eq!((decided.span_id(), decided.sampling()), (Some(span), Sampling::Drop));
    /// assert!(!decided.is_remote());
    /// ```
    #[inline]
    pub fn decided(&self, sampling: Sampling) -> Self {
        Context { identity: self.identity.decided(sampling), extras: self.extras.clone() }
    }

    /// Returns the part that identifies the span: ids, sampling decision, flags and trace state, without baggage,
    /// extensions and parent span id.
    ///
    /// ```
    /// # use anytrace_api::{Context, Sampling, SpanId, TraceId};
    /// # let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    /// let context = Context::new(trace, span, Sampling::Record).with_baggage("tenant", "acme")?;
    /// assert_eq!(context.identity(), Context::new(trace, span, Sampling::Record));
    /// assert_eq!(Context::default().with_baggage_items(context.baggage().clone()).baggage().len(), 1);
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    #[inline]
    pub fn identity(&self) -> Self {
        let extras = self.extras.as_ref().and_then(Extras::trace_state_only);
        Context { identity: self.identity, extras }
    }

    /// Returns true if one context is an unchanged clone of the other. For backends.
    ///
    /// The check compares ids and pointers only, so it is cheap, and contexts with separate but equal baggage differ.
    /// `==` compares the contents.
    ///
    /// ```
    /// # use anytrace_api::Context;
    /// let context = Context::default().with_baggage("tenant", "acme")?;
    /// let equal = Context::default().with_baggage("tenant", "acme")?;
    /// assert!(context.is_clone_of(&context.clone()));
    /// assert!(context == equal && !context.is_clone_of(&equal));
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    #[inline]
    pub fn is_clone_of(&self, other: &Self) -> bool {
        let same_extras = match (&self.extras, &other.extras) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        same_extras && self.identity == other.identity
    }

    /// Returns the trace id, if there is one.
    #[inline]
    pub fn trace_id(&self) -> Option<TraceId> {
        TraceId::from_halves(self.identity.trace[0], self.identity.trace[1])
    }

    /// Returns the span id, if there is one.
    #[inline]
    pub fn span_id(&self) -> Option<SpanId> {
        SpanId::from_u64(self.identity.span)
    }

    /// Returns both ids, if there are both.
    #[inline]
    pub fn ids(&self) -> Option<(TraceId, SpanId)> {
        Some((self.trace_id()?, self.span_id()?))
    }

    /// Returns the id of the span's parent, if the wire format contains it, as [`B3`](crate::propagation::B3) does.
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.extras.as_ref()?.parent
    }

    /// Returns the sampling decision. Default: [`Sampling::Defer`].
    #[inline]
    pub fn sampling(&self) -> Sampling {
        self.identity.sampling()
    }

    /// Returns true if the context was received from another process.
    #[inline]
    pub fn is_remote(&self) -> bool {
        self.identity.is_remote()
    }

    /// Returns true if at least the lower 56 bits of the trace id are random ([W3C Trace Context level 2], section
    /// 3.2.2.5.2).
    ///
    /// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/
    #[inline]
    pub fn is_random(&self) -> bool {
        self.identity.is_random()
    }

    /// Returns true if the server may record its half of the caller's span under the same id, instead of a child span:
    /// Zipkin's shared spans.
    ///
    /// Only contexts that [`B3`](crate::propagation::B3) extracted are shareable; no other format supports shared
    /// spans.
    #[inline]
    pub fn is_shareable(&self) -> bool {
        self.identity.is_shareable()
    }

    /// Returns true if the context has no trace id, sampling decision, trace state, baggage, extension or parent span
    /// id.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.identity.trace == [0, 0] && self.identity.sampling() == Sampling::Defer && self.extras.is_none()
    }

    /// Returns the trace state: data that tracing systems propagate along the trace.
    #[inline]
    pub fn trace_state(&self) -> &TraceState {
        self.extras.as_ref().map_or(&NO_TRACE_STATE, |extras| &extras.state)
    }

    /// Returns the baggage: key/value pairs that travel with the trace. The first `OpenTracing` API called them trace
    /// attributes.
    #[inline]
    pub fn baggage(&self) -> &Baggage {
        self.extras.as_ref().map_or(&NO_BAGGAGE, |extras| extras.baggage.current())
    }

    /// Sets the sampling decision. In a context without ids, the decision is a wish for the trace that starts from the
    /// context.
    pub fn with_sampling(self, sampling: Sampling) -> Self {
        Context { identity: self.identity.with_sampling(sampling), ..self }
    }

    /// Sets whether the trace id is [random](Self::is_random).
    #[inline]
    pub fn with_random(self, random: bool) -> Self {
        Context { identity: self.identity.with_random(random), ..self }
    }

    /// Sets whether the span is [shareable](Self::is_shareable). For propagators.
    pub fn with_shareable(self, shareable: bool) -> Self {
        Context { identity: self.identity.with_shareable(shareable), ..self }
    }

    /// Sets the trace state.
    #[inline]
    pub fn with_trace_state(mut self, state: TraceState) -> Self {
        if self.extras.is_some() || !state.is_empty() {
            self.extras_mut().state = state;
            self.drop_empty_extras();
        }
        self
    }

    /// Sets the id of the span's parent. For propagators whose format contains it.
    pub fn with_parent_span_id(mut self, parent: Option<SpanId>) -> Self {
        if self.parent_span_id() != parent {
            self.extras_mut().parent = parent;
            self.drop_empty_extras();
        }
        self
    }

    /// Sets `key` to `value` in the baggage, and replaces an equal key. The result does not share its baggage with the
    /// request any more.
    ///
    /// # Errors
    ///
    /// Fails if the key is not valid or if the change would exceed a limit of [`Baggage`].
    pub fn with_baggage(mut self, key: &str, value: &str) -> Result<Self, LimitError> {
        let mut baggage = self.baggage().clone();
        baggage.insert(key, value)?;
        self.extras_mut().baggage = BaggageStorage::Owned(baggage);
        Ok(self)
    }

    /// Removes `key` from the baggage. See [`with_baggage`](Self::with_baggage).
    pub fn without_baggage(mut self, key: &str) -> Self {
        let mut baggage = self.baggage().clone();
        if baggage.remove(key) {
            self = self.with_baggage_items(baggage);
        }
        self
    }

    /// Replaces the whole baggage. See [`with_baggage`](Self::with_baggage).
    pub fn with_baggage_items(mut self, baggage: Baggage) -> Self {
        if self.extras.is_some() || !baggage.is_empty() {
            self.extras_mut().baggage = BaggageStorage::Owned(baggage);
            self.drop_empty_extras();
        }
        self
    }

    /// Returns the extension of type `T`, if there is one. See [`with_extension`](Self::with_extension).
    pub fn extension<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.extras.as_ref()?.extensions.get()
    }

    /// Sets the extension of type `T`: a value that travels with the context within this process.
    ///
    /// Child spans and snapshots inherit extensions. Propagators never send them. A context has at most one extension
    /// of each type, and a later value replaces an earlier one: define your own type to avoid conflicts with other
    /// crates.
    ///
    /// Server layers use extensions for data about the request. An extension must not own a context that contains the
    /// same extension: this reference cycle would leak both.
    ///
    /// ```
    /// use anytrace_api::{Context, SpanRef, TraceContext, current_span};
    /// use std::sync::Arc;
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Tenant(u32);
    ///
    /// SpanRef::from(Context::default().with_extension(Arc::new(Tenant(7)))).in_scope(|| {
    ///     assert_eq!(current_span().context().extension::<Tenant>().as_deref(), Some(&Tenant(7)));
    /// });
    /// ```
    pub fn with_extension<T: Any + Send + Sync>(mut self, value: Arc<T>) -> Self {
        self.set_extension(value);
        self
    }

    pub(crate) fn set_extension<T: Any + Send + Sync>(&mut self, value: Arc<T>) {
        self.extras_mut().extensions.set(value);
    }

    /// Makes the baggage shared: later changes are visible in all clones made after this call.
    pub(crate) fn share_baggage(&mut self) {
        if self.shared_baggage().is_none() {
            self.fork_baggage();
        }
    }

    /// Copies the baggage into a new shared baggage, so that later changes do not affect earlier clones.
    pub(crate) fn fork_baggage(&mut self) {
        let baggage = self.baggage().clone();
        self.extras_mut().baggage = BaggageStorage::Shared(SharedBaggage::new(baggage));
    }

    pub(crate) fn shared_baggage(&self) -> Option<&SharedBaggage> {
        match &self.extras.as_ref()?.baggage {
            BaggageStorage::Owned(_) => None,
            BaggageStorage::Shared(shared) => Some(shared),
        }
    }

    /// Sets `key` in the shared baggage, or else in the baggage of this context.
    pub(crate) fn set_baggage(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        if let Some(shared) = self.shared_baggage() {
            return shared.change(key, |baggage| baggage.insert(key, value));
        }
        let mut baggage = self.baggage().clone();
        baggage.insert(key, value)?;
        self.extras_mut().baggage = BaggageStorage::Owned(baggage);
        Ok(())
    }

    /// Removes exactly this `key` from the shared baggage, or else from the baggage of this context. Returns true if
    /// the key existed.
    pub(crate) fn remove_baggage(&mut self, key: &str) -> Result<bool, LimitError> {
        if let Some(shared) = self.shared_baggage() {
            let mut existed = false;
            shared.change(key, |baggage| {
                existed = baggage.remove(key);
                Ok(())
            })?;
            return Ok(existed);
        }
        let mut baggage = self.baggage().clone();
        let existed = baggage.remove(key);
        if existed {
            *self = std::mem::take(self).with_baggage_items(baggage);
        }
        Ok(existed)
    }

    /// Drops all parts that own memory.
    #[inline]
    pub(crate) fn let_go(&mut self) {
        self.extras = None;
    }

    fn extensions(&self) -> &Extensions {
        self.extras.as_ref().map_or(&NO_EXTENSIONS, |extras| &extras.extensions)
    }

    fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(self.extras.get_or_insert_default())
    }

    /// Drops the extras once they are empty.
    fn drop_empty_extras(&mut self) {
        if self.extras.as_ref().is_some_and(|extras| extras.is_empty()) {
            self.extras = None;
        }
    }
}

impl TraceContext for Context {
    fn context(&self) -> &Context {
        self
    }
}

/// Compares all contents. See [`Context::is_clone_of`] for a cheap check.
impl PartialEq for Context {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
            && self.parent_span_id() == other.parent_span_id()
            && self.trace_state() == other.trace_state()
            && self.baggage() == other.baggage()
            && self.extensions() == other.extensions()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .field("sampling", &self.sampling())
            .field("remote", &self.is_remote())
            .field("random", &self.is_random())
            .field("shareable", &self.is_shareable())
            .field("parent_span_id", &self.parent_span_id())
            .field("trace_state", self.trace_state())
            .field("baggage", self.baggage())
            .field("extensions", self.extensions())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context::new(TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap(), Sampling::Record)
    }

    #[test]
    fn context_is_40_bytes() {
        assert_eq!(size_of::<Context>(), 40);
    }

    #[test]
    fn changing_a_clone_affects_no_other_context() {
        let one = context().with_baggage("k", "1").unwrap();
        let two = one.clone().with_baggage("k", "2").unwrap();
        assert_eq!((one.baggage().get("k"), two.baggage().get("k")), (Some("1"), Some("2")));
    }

    #[test]
    fn shared_baggage_reaches_clones_but_not_forks() {
        let mut one = context();
        one.share_baggage();
        let mut two = one.clone();
        two.set_baggage("k", "1").unwrap();
        let mut fork = one.clone();
        fork.fork_baggage();
        fork.set_baggage("k", "2").unwrap();
        assert_eq!((one.baggage().get("k"), fork.baggage().get("k")), (Some("1"), Some("2")));
    }

    #[test]
    fn removing_baggage_reports_exactly_the_removed_key() {
        let own = context().with_baggage("k", "1").unwrap();
        let mut shared = own.clone();
        shared.share_baggage();
        for mut context in [own, shared] {
            assert_eq!(context.remove_baggage("K"), Ok(false));
            assert_eq!(context.remove_baggage("k"), Ok(true));
            assert_eq!(context.remove_baggage("k"), Ok(false));
            assert!(context.baggage().is_empty());
        }
    }

    #[test]
    fn emptied_extras_are_dropped() {
        let emptied = context().with_baggage("k", "1").unwrap().without_baggage("k");
        assert!(emptied.extras.is_none());
        let child = context()
            .with_parent_span_id(SpanId::from_u64(9))
            .child(SpanId::from_u64(3).unwrap(), Sampling::Record);
        assert!(child.extras.is_none(), "a child's parent is this span, not this span's parent");
    }

    #[test]
    fn trace_context_is_object_safe() {
        let boxed: Box<dyn TraceContext> = Box::new(Arc::new(context()));
        assert_eq!(boxed.context(), &context());
    }
}
