//! What must cross a process border so that a trace goes on.

mod extras;
mod identity;

use std::{any::Any, fmt, sync::Arc};

use self::{
    extras::{BaggageSource, Extras},
    identity::Identity,
};
use crate::model::{
    Baggage, LimitError, Sampling, SpanId, TraceId, TraceState, extensions::Extensions,
    shared_baggage::SharedBaggage,
};

/// Whatever a trace can be continued from: a [`Context`], a span, what a carrier held, a backend's own context.
///
/// It is `Send + Sync`, so that parents and links may be held across an await.
///
/// ```
/// use anytrace_api::{Context, Sampling, TraceContext, TraceId, SpanId};
///
/// fn log_line(place: &dyn TraceContext) -> String {
///     place.context().trace_id().map_or_else(String::new, |id| id.to_string())
/// }
///
/// let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// assert_eq!(log_line(&Context::remote(ids.0, ids.1, Sampling::Record)), format!("{:032x}", 1));
/// assert_eq!(log_line(&Context::default()), "");
/// ```
pub trait TraceContext: Send + Sync {
    /// The context as a value.
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

/// The little that must cross a process border: ids, sampling decision, trace state and baggage.
///
/// It is a value: 40 bytes, cheap to clone, and changing a clone changes no other. Trace state and baggage sit
/// behind one shared pointer, which is absent when both are empty. It may lack ids: an empty context is the parent
/// of a new trace, and one that carries baggage or a sampling wish alone hands these to the trace that starts
/// from it.
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
/// # Ok::<(), anytrace_api::LimitError>(())
/// ```
#[derive(Clone, Default)]
pub struct Context {
    identity: Identity,
    extras: Option<Arc<Extras>>,
}

static NO_BAGGAGE: Baggage = Baggage::new();
static NO_STATE: TraceState = TraceState::new();
static NO_LOCALS: Extensions = Extensions::new();

impl Context {
    /// Nothing at all.
    pub const EMPTY: Self = Context { identity: Identity::EMPTY, extras: None };

    /// The context of a span of this process.
    #[inline]
    pub const fn new(trace_id: TraceId, span_id: SpanId, sampling: Sampling) -> Self {
        Context { identity: Identity::new(trace_id, span_id.to_u64(), sampling), extras: None }
    }

    /// The context of a span of another process, as it came over a wire: [`is_remote`](Self::is_remote) holds.
    pub const fn remote(trace_id: TraceId, span_id: SpanId, sampling: Sampling) -> Self {
        Context {
            identity: Identity::new(trace_id, span_id.to_u64(), sampling).with_remote(true),
            extras: None,
        }
    }

    /// A trace whose caller named no span: what starts from it is a root with this trace id.
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

    /// For backends: the context of a new span beneath this one, with the same trace, trace state and baggage.
    ///
    /// ```
    /// # use anytrace_api::{Context, Sampling, SpanId, TraceId};
    /// # let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    /// let parent = Context::remote(trace, span, Sampling::Record).with_baggage("tenant", "acme")?;
    /// let child = parent.child(SpanId::from_u64(3).unwrap(), Sampling::Record);
    /// assert_eq!((child.trace_id(), child.is_remote()), (Some(trace), false));
    /// assert_eq!(child.baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), anytrace_api::LimitError>(())
    /// ```
    #[inline]
    pub fn child(&self, span_id: SpanId, sampling: Sampling) -> Self {
        let mut identity = self.identity.decided(sampling);
        identity.span = span_id.to_u64();
        // Nothing is made that would have to be looked at or dropped again where there is nothing else, as a rule.
        match &self.extras {
            None => Context { identity, extras: None },
            Some(extras) => Context { identity, extras: extras.of_child() },
        }
    }

    /// For backends: a new trace that starts from this context, which keeps its trace state and baggage.
    #[inline]
    pub fn root(&self, trace_id: TraceId, span_id: SpanId, sampling: Sampling) -> Self {
        let extras = self.extras.as_ref().and_then(Extras::of_child);
        Context { extras, ..Self::new(trace_id, span_id, sampling) }
    }

    /// For backends: the same context once a tracer of this process has decided not to record. What starts beneath it
    /// carries it on and is not asked about again.
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

    /// The part that names a span: ids, sampling decision and trace state, without baggage and local values.
    ///
    /// ```
    /// # use anytrace_api::{Context, Sampling, SpanId, TraceId};
    /// # let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    /// let context = Context::new(trace, span, Sampling::Record).with_baggage("tenant", "acme")?;
    /// assert_eq!(context.identity(), Context::new(trace, span, Sampling::Record));
    /// assert_eq!(Context::default().with_baggage_items(context.baggage().clone()).baggage().len(), 1);
    /// # Ok::<(), anytrace_api::LimitError>(())
    /// ```
    #[inline]
    pub fn identity(&self) -> Self {
        let extras = self.extras.as_ref().and_then(Extras::identity);
        Context { identity: self.identity, extras }
    }

    /// For backends: whether the two are one, unchanged since it was cloned. It costs a few comparisons, and tells a
    /// shared baggage from an equal one, which `==` does not.
    ///
    /// ```
    /// # use anytrace_api::Context;
    /// let one = Context::default().with_baggage("tenant", "acme")?;
    /// let equal = Context::default().with_baggage("tenant", "acme")?;
    /// assert!(one.is_clone_of(&one.clone()) && one == equal && !one.is_clone_of(&equal));
    /// # Ok::<(), anytrace_api::LimitError>(())
    /// ```
    #[inline]
    pub fn is_clone_of(&self, other: &Self) -> bool {
        let extras = match (&self.extras, &other.extras) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        extras && self.identity == other.identity
    }

    /// Which trace, if any.
    #[inline]
    pub fn trace_id(&self) -> Option<TraceId> {
        TraceId::from_halves(self.identity.trace[0], self.identity.trace[1])
    }

    /// Which span, if any.
    #[inline]
    pub fn span_id(&self) -> Option<SpanId> {
        SpanId::from_u64(self.identity.span)
    }

    /// Both ids, if both are there.
    #[inline]
    pub fn ids(&self) -> Option<(TraceId, SpanId)> {
        Some((self.trace_id()?, self.span_id()?))
    }

    /// The parent of the span, where the wire format told it (B3 does).
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.extras.as_ref()?.parent
    }

    /// What was decided about recording.
    #[inline]
    pub fn sampling(&self) -> Sampling {
        self.identity.sampling()
    }

    /// It came from another process.
    #[inline]
    pub fn is_remote(&self) -> bool {
        self.identity.is_remote()
    }

    /// The lower 56 bits of the trace id are random ([W3C Trace Context level 2], section 3.2.2.5.2).
    ///
    /// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/
    #[inline]
    pub fn is_random(&self) -> bool {
        self.identity.is_random()
    }

    /// The caller's tracer shares its span with its server, which may record the other half of it under the same id
    /// instead of a child: Zipkin's shared spans. What came as [`B3`](crate::B3) is so; no other format knows it.
    #[inline]
    pub fn is_shareable(&self) -> bool {
        self.identity.is_shareable()
    }

    /// It says nothing: no ids, no wish about sampling, no baggage, no local value.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.identity.trace == [0, 0] && self.identity.sampling() == Sampling::Defer && self.extras.is_none()
    }

    /// What vendors carry along.
    #[inline]
    pub fn trace_state(&self) -> &TraceState {
        self.extras.as_ref().map_or(&NO_STATE, |extras| &extras.state)
    }

    /// The key/value pairs that travel with the trace: the trace attributes of the first `OpenTracing` API.
    #[inline]
    pub fn baggage(&self) -> &Baggage {
        self.extras.as_ref().map_or(&NO_BAGGAGE, |extras| extras.baggage.read())
    }

    /// With another decision about recording, or a wish where there are no ids.
    pub fn with_sampling(self, sampling: Sampling) -> Self {
        Context { identity: self.identity.with_sampling(sampling), ..self }
    }

    /// With another word about the randomness of the trace id.
    #[inline]
    pub fn with_random(self, random: bool) -> Self {
        Context { identity: self.identity.with_random(random), ..self }
    }

    /// With another word about [sharing the span](Self::is_shareable), for formats.
    pub fn with_shareable(self, shareable: bool) -> Self {
        Context { identity: self.identity.with_shareable(shareable), ..self }
    }

    /// With another trace state.
    #[inline]
    pub fn with_trace_state(mut self, state: TraceState) -> Self {
        if self.extras.is_some() || !state.is_empty() {
            self.extras_mut().state = state;
            self.forget_nothing();
        }
        self
    }

    /// With the parent of the span, for formats that send it.
    pub fn with_parent_span_id(mut self, parent: Option<SpanId>) -> Self {
        if self.parent_span_id() != parent {
            self.extras_mut().parent = parent;
            self.forget_nothing();
        }
        self
    }

    /// With one more pair of baggage; an equal key is replaced. Where the baggage is shared with a whole request,
    /// the result no longer shares it.
    ///
    /// # Errors
    ///
    /// When key or value cannot be carried, or the limits of the W3C baggage format are met.
    pub fn with_baggage(mut self, key: &str, value: &str) -> Result<Self, LimitError> {
        let mut baggage = self.baggage().clone();
        baggage.insert(key, value)?;
        self.extras_mut().baggage = BaggageSource::Own(baggage);
        Ok(self)
    }

    /// Without the pair under `key`. See [`with_baggage`](Self::with_baggage).
    pub fn without_baggage(mut self, key: &str) -> Self {
        let mut baggage = self.baggage().clone();
        if baggage.remove(key) {
            self = self.with_baggage_items(baggage);
        }
        self
    }

    /// With exactly this baggage. See [`with_baggage`](Self::with_baggage).
    pub fn with_baggage_items(mut self, baggage: Baggage) -> Self {
        if self.extras.is_some() || !baggage.is_empty() {
            self.extras_mut().baggage = BaggageSource::Own(baggage);
            self.forget_nothing();
        }
        self
    }

    /// The value of type `T` that travels with this context in this process. See [`with_extension`](Self::with_extension).
    pub fn extension<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.extras.as_ref()?.extensions.get()
    }

    /// With a value that travels with the context in this process: children have it, and what a snapshot takes along
    /// has it; it is never sent. There is one of each type, so the type should be one's own.
    ///
    /// Server layers keep the facts about the request here. A value must not hold a context that it was put into,
    /// which would never be dropped.
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

    /// From now on, what is set is seen by all that carry a clone of this.
    pub(crate) fn share_baggage(&mut self) {
        if self.shared_baggage().is_none() {
            self.fork_baggage();
        }
    }

    /// Shares with nobody else what it has so far.
    pub(crate) fn fork_baggage(&mut self) {
        let baggage = self.baggage().clone();
        self.extras_mut().baggage = BaggageSource::Shared(SharedBaggage::new(baggage));
    }

    pub(crate) fn shared_baggage(&self) -> Option<&SharedBaggage> {
        match &self.extras.as_ref()?.baggage {
            BaggageSource::Own(_) => None,
            BaggageSource::Shared(shared) => Some(shared),
        }
    }

    pub(crate) fn set_baggage(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        if let Some(shared) = self.shared_baggage() {
            return shared.change(key, |baggage| baggage.insert(key, value));
        }
        let mut baggage = self.baggage().clone();
        baggage.insert(key, value)?;
        self.extras_mut().baggage = BaggageSource::Own(baggage);
        Ok(())
    }

    pub(crate) fn remove_baggage(&mut self, key: &str) -> Result<bool, LimitError> {
        let there = self.baggage().get(key).is_some();
        if let Some(shared) = self.shared_baggage() {
            shared.change(key, |baggage| {
                baggage.remove(key);
                Ok(())
            })?;
        } else if there {
            *self = std::mem::take(self).without_baggage(key);
        }
        Ok(there)
    }

    /// Lets go of all that would be dropped with it.
    #[inline]
    pub(crate) fn let_go(&mut self) {
        self.extras = None;
    }

    fn extensions(&self) -> &Extensions {
        self.extras.as_ref().map_or(&NO_LOCALS, |extras| &extras.extensions)
    }

    fn extras_mut(&mut self) -> &mut Extras {
        Arc::make_mut(self.extras.get_or_insert_default())
    }

    /// Back to no pointer when there is nothing behind it.
    fn forget_nothing(&mut self) {
        if self.extras.as_ref().is_some_and(|extras| extras.is_nothing()) {
            self.extras = None;
        }
    }
}

impl TraceContext for Context {
    fn context(&self) -> &Context {
        self
    }
}

/// Equal when all that can be read is equal.
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
    fn it_is_small() {
        assert_eq!(size_of::<Context>(), 40);
    }

    #[test]
    fn changing_a_clone_changes_no_other() {
        let one = context().with_baggage("k", "1").unwrap();
        let two = one.clone().with_baggage("k", "2").unwrap();
        assert_eq!((one.baggage().get("k"), two.baggage().get("k")), (Some("1"), Some("2")));
    }

    #[test]
    fn shared_baggage_reaches_clones_and_a_fork_does_not() {
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
    fn what_was_removed_leaves_nothing_behind() {
        let emptied = context().with_baggage("k", "1").unwrap().without_baggage("k");
        assert!(emptied.extras.is_none());
        let child = context()
            .with_parent_span_id(SpanId::from_u64(9))
            .child(SpanId::from_u64(3).unwrap(), Sampling::Record);
        assert!(child.extras.is_none(), "a child's parent is this span, not this span's parent");
    }

    #[test]
    fn is_an_object() {
        let boxed: Box<dyn TraceContext> = Box::new(Arc::new(context()));
        assert_eq!(boxed.context(), &context());
    }
}
