//! A span of this tracer, while it is open.

use std::sync::Arc;

use anytrace_api::{
    Context, End, Ending, Link, Name, Operation, Propagator, Span, StartedSpan, Tag, TextMapWriter,
    Unsupported, Update, Value,
};

use crate::{FinishedSpan, account::Reason, clock::Anchor, inner::Inner, local, record::Record, slot::Slot};

/// Used again and again by the thread it ends on: see [`local`].
#[derive(Debug)]
pub(crate) struct LiveSpan {
    inner: Arc<Inner>,
    record: Slot<Box<Record>>,
}

impl LiveSpan {
    pub(crate) fn new(inner: Arc<Inner>, record: Box<Record>) -> Self {
        LiveSpan { inner, record: Slot::new(record) }
    }

    #[inline]
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Gives a span that ended a record for the next one.
    #[inline]
    pub(crate) fn put(&mut self, record: Box<Record>) {
        *self.record.get_mut() = Some(record);
    }

    /// What there is of it so far, as if it were dropped now; none when it has ended.
    pub(crate) fn copy(&self) -> Option<FinishedSpan> {
        let mut copy = self.record.with(|record| record.clone())?;
        copy.finish(End::new(Ending::Dropped), &self.inner.clock);
        copy.settle(&Anchor::current());
        Some(copy.into())
    }

    #[inline]
    fn write(&self, work: impl FnOnce(&mut Record)) {
        if self.record.with(|record| work(record)).is_none() {
            self.inner.count_late();
        }
    }
}

impl Span for LiveSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        self.write(|record| record.set_tag(&key, &value, &self.inner.limits));
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        self.write(|record| record.set_tags(tags, &self.inner.limits));
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        let mut known = true;
        let update = match update {
            // Whose context it is may be the user's own code, which is not to run with the record locked.
            Update::Link(link) => Update::Link(Link::to(link.to.context()).tags(link.tags)),
            other => other,
        };
        self.write(|record| known = record.update(update, &self.inner.limits, &self.inner.clock));
        if known { Ok(()) } else { Err(Unsupported) }
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.inner.start_child(operation, context)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.inner.propagator.inject(context, carrier);
    }

    #[inline]
    fn finish(self: Arc<Self>, end: End) {
        let mut live = self;
        // Usually nobody else refers to it, and no lock is needed.
        let (record, alone) = match Arc::get_mut(&mut live) {
            Some(own) => (own.record.get_mut().take(), true),
            None => (live.record.take(), false),
        };
        let Some(mut record) = record else { return };
        if end.how == Ending::Discarded {
            return local::lose(live, record, alone, Reason::Discarded);
        }
        if live.inner.is_closed() {
            return local::lose(live, record, alone, Reason::AfterShutdown);
        }
        record.finish(end, &live.inner.clock);
        local::finish(live, record, alone);
    }
}
