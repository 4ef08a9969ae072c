//! A span of this tracer, while it is open.

use std::sync::Arc;

use anytrace_api::{
    Context, End, Ending, Link, Name, Operation, Propagator, Span, StartedSpan, Tag, TextMapWriter,
    Unsupported, Update, Value,
};

use crate::{FinishedSpan, clock::Anchor, inner::Inner, local, record::Record, slot::Slot};

/// Used again and again by the thread it ends on: see [`local`].
#[derive(Debug)]
pub(crate) struct LiveSpan {
    inner: Arc<Inner>,
    record: Slot<Box<Record>>,
}

impl LiveSpan {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        LiveSpan { inner, record: Slot::new(Box::default()) }
    }

    #[inline]
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// The record, for whoever is alone with it; none when it has ended.
    #[inline]
    pub(crate) fn record_mut(&mut self) -> Option<&mut Box<Record>> {
        self.record.get_mut().as_mut()
    }

    /// The same, where it is to be delivered, and the tracer's means are the usual ones.
    #[inline]
    pub(crate) fn ending(&mut self, end: End) -> Option<(&mut Box<Record>, &Arc<Inner>)> {
        if end.how == Ending::Discarded || !self.inner.is_usual() {
            return None;
        }
        Some((self.record.get_mut().as_mut()?, &self.inner))
    }

    /// Ends it for whoever is alone with it.
    pub(crate) fn take(&mut self) -> Option<Box<Record>> {
        self.record.get_mut().take()
    }

    /// Ends it for all that refer to it, once.
    pub(crate) fn hand_over(&self) -> Option<Box<Record>> {
        self.record.take()
    }

    /// Gives a span that ended an empty record for the next one.
    pub(crate) fn put(&mut self, record: Box<Record>) {
        *self.record.get_mut() = Some(record);
    }

    /// What there is of it so far, as if it were dropped now; none when it has ended.
    pub(crate) fn copy(&self) -> Option<FinishedSpan> {
        let mut copy = None;
        self.record.with(|record| copy = Some(record.clone()));
        let mut copy = copy?;
        copy.finish(End::new(Ending::Dropped), &self.inner.means.clock);
        copy.settle(&Anchor::current());
        Some(copy.into())
    }

    #[inline(never)]
    fn set_rarer_tag(&self, key: &Name<'_>, value: &Value<'_>) {
        self.write(|record| record.set_tag(key, value, &self.inner.limits));
    }

    #[inline(never)]
    fn set_rarer_tags(&self, tags: &[Tag<'_>]) {
        self.write(|record| record.set_tags(tags, &self.inner.limits));
    }

    #[inline]
    fn write(&self, work: impl FnOnce(&mut Record)) {
        if !self.record.with(|record| work(record)) {
            self.inner.count_late();
        }
    }
}

impl Span for LiveSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        let limits = &self.inner.limits;
        if !self.record.is(|record| record.set_usual_tag(&key, &value, limits)) {
            self.set_rarer_tag(&key, &value);
        }
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let limits = &self.inner.limits;
        let mut usual = 0;
        let all = self.record.is(|record| {
            usual = record.set_usual_tags(tags, limits);
            usual == tags.len()
        });
        if !all {
            self.set_rarer_tags(&tags[usual..]);
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        let mut known = true;
        let update = match update {
            // Whose context it is may be the user's own code, which is not to run with the record locked.
            Update::Link(link) => Update::Link(Link::to(link.to.context()).tags(link.tags)),
            other => other,
        };
        self.write(|record| known = record.update(update, &self.inner.limits, &self.inner.means.clock));
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
