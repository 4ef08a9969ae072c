//! A span of this tracer, while it is open.

use std::sync::Arc;

use anytrace_api::{
    Context, EndReason, Link, Name, Operation, StartedSpan, Tag, Value,
    backend::{End, Span, Unsupported, Update},
    propagation::{Propagator, TextMapWriter},
};

use crate::{
    FinishedSpan,
    clock::Anchor,
    inner::Inner,
    local,
    record::{Places, Record},
    slot::Slot,
    sync::MutexGuard,
};

/// Used again and again by the thread it ends on: see [`local`].
#[derive(Debug)]
pub(crate) struct LiveSpan {
    inner: Arc<Inner>,
    open: Slot<Open>,
}

/// What there is of a span while it is open.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) record: Box<Record>,
    pub(crate) places: Places,
}

impl LiveSpan {
    pub(crate) fn new(inner: Arc<Inner>, record: Box<Record>) -> Self {
        LiveSpan { inner, open: Slot::new(Open { record, places: Places::EMPTY }) }
    }

    #[inline]
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// What is inside, for whoever is alone with it; none when it has ended.
    #[inline]
    pub(crate) fn open_mut(&mut self) -> Option<&mut Open> {
        self.open.get_mut().as_mut()
    }

    /// The same, where it is to be delivered, and the tracer's means are the usual ones.
    #[inline]
    pub(crate) fn ending(&mut self, end: End) -> Option<(&mut Open, &Arc<Inner>)> {
        if end.reason == EndReason::Discarded || !self.inner.is_usual() {
            return None;
        }
        Some((self.open.get_mut().as_mut()?, &self.inner))
    }

    /// Ends it for all that refer to it, once.
    pub(crate) fn hand_over(&self) -> Option<Box<Record>> {
        Some(self.open.take()?.record)
    }

    /// Gives a span that ended an empty record for the next one.
    pub(crate) fn put(&mut self, record: Box<Record>) {
        *self.open.get_mut() = Some(Open { record, places: Places::EMPTY });
    }

    /// What there is of it so far, as if it were dropped now; none when it has ended.
    pub(crate) fn copy(&self) -> Option<FinishedSpan> {
        let mut copy = self.open.lock().as_ref()?.record.clone();
        copy.finish(End::new(EndReason::Dropped), &self.inner.means.clock);
        copy.settle(&Anchor::current());
        Some(copy.into())
    }

    /// The rest of [`set_tag`](Span::set_tag), which hands over the lock that it has: so nothing is left to be done there,
    /// and nothing has to be kept.
    #[inline(never)]
    fn set_rarer_tag(&self, mut inside: Inside<'_>, key: &Name<'_>, value: &Value<'_>) {
        match &mut *inside {
            Some(Open { record, places }) => record.set_tag(key, value, places, &self.inner.limits),
            None => self.inner.count_late(),
        }
    }

    /// The same of [`set_tags`](Span::set_tags).
    #[inline(never)]
    fn set_rarer_tags(&self, mut inside: Inside<'_>, tags: &[Tag<'_>]) {
        match &mut *inside {
            Some(Open { record, places }) => record.set_tags(tags, places, &self.inner.limits),
            None => self.inner.count_late(),
        }
    }
}

/// What is inside, locked.
type Inside<'a> = MutexGuard<'a, Option<Open>>;

impl Span for LiveSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        let mut inside = self.open.lock();
        if let Some(Open { record, places }) = &mut *inside {
            if record.set_usual_tag(&key, &value, places, &self.inner.limits) {
                return;
            }
        }
        self.set_rarer_tag(inside, &key, &value);
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let mut inside = self.open.lock();
        let set = inside
            .as_mut()
            .map_or(0, |Open { record, places }| record.set_new_tags(tags, places, &self.inner.limits));
        if set < tags.len() {
            self.set_rarer_tags(inside, &tags[set..]);
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        let mut known = true;
        let update = match update {
            // Whose context it is may be the user's own code, which is not to run with the record locked.
            Update::Link(link) => Update::Link(Link::to(link.to.context()).tags(link.tags)),
            other => other,
        };
        match &mut *self.open.lock() {
            Some(Open { record, .. }) => {
                known = record.update(update, &self.inner.limits, &self.inner.means.clock);
            }
            None => self.inner.count_late(),
        }
        if known { Ok(()) } else { Err(Unsupported) }
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.inner.start_child(operation, context)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.inner.propagator.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        local::finish(self, end);
    }
}
