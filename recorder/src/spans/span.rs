//! The [`Span`] trait for live spans.

use std::sync::Arc;

use anytrace_api::{
    Context, Link, Name, Operation, StartedSpan, Tag, Value,
    backend::{End, Span, Unsupported, Update},
    propagation::{Propagator, TextMapWriter},
};

use super::{
    live_span::{LiveSpan, OpenRecord},
    thread_cache,
};
use crate::sync::MutexGuard;

/// The record of a live span, locked.
type LockedRecord<'a> = MutexGuard<'a, Option<OpenRecord>>;

impl LiveSpan {
    /// Sets a tag that the fast path of [`set_tag`](Span::set_tag) does not handle. Takes over the lock, so that the
    /// fast path ends with a tail call.
    #[inline(never)]
    fn set_tag_slow(&self, mut open: LockedRecord<'_>, key: &Name<'_>, value: &Value<'_>) {
        match &mut *open {
            Some(OpenRecord { record, tag_index }) => {
                record.set_tag(key, value, tag_index, &self.factory.limits);
            }
            None => self.factory.pipeline.count_late_write(),
        }
    }

    /// Sets the tags that the fast path of [`set_tags`](Span::set_tags) does not handle.
    #[inline(never)]
    fn set_tags_slow(&self, mut open: LockedRecord<'_>, tags: &[Tag<'_>]) {
        match &mut *open {
            Some(OpenRecord { record, tag_index }) => {
                record.set_tags(tags, tag_index, &self.factory.limits);
            }
            None => self.factory.pipeline.count_late_write(),
        }
    }
}

impl Span for LiveSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        let mut open = self.open.lock();
        if let Some(OpenRecord { record, tag_index }) = &mut *open {
            if record.set_tag_fast(&key, &value, tag_index, &self.factory.limits) {
                return;
            }
        }
        self.set_tag_slow(open, &key, &value);
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let mut open = self.open.lock();
        let set = open.as_mut().map_or(0, |OpenRecord { record, tag_index }| {
            record.set_tags_fast(tags, tag_index, &self.factory.limits)
        });
        if set < tags.len() {
            self.set_tags_slow(open, &tags[set..]);
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        let mut is_supported = true;
        let update = match update {
            // `context` may be the caller's code, which must not run while the record is locked.
            Update::Link(link) => Update::Link(Link::to(link.to.context()).tags(link.tags)),
            other => other,
        };
        match &mut *self.open.lock() {
            Some(OpenRecord { record, .. }) => {
                is_supported = record.update(update, &self.factory.limits, &self.factory.config.clock);
            }
            None => self.factory.pipeline.count_late_write(),
        }
        if is_supported { Ok(()) } else { Err(Unsupported) }
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.factory.start_child(operation, context)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.factory.propagator.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        thread_cache::finish(self, end);
    }
}
