//! Live spans: a record and its tracer, until the span ends.

use std::sync::Arc;

use anytrace_api::{EndReason, backend::End};

use super::{factory::SpanFactory, open_spans::CopyWhileOpen, take_once::TakeOnce};
use crate::{
    FinishedSpan,
    clock::Anchor,
    record::{Record, TagIndex},
};

/// A span before its end. The thread on which it ends recycles it, see [`thread_cache`](super::thread_cache).
pub(super) struct LiveSpan {
    pub(super) factory: Arc<SpanFactory>,
    pub(super) open: TakeOnce<OpenRecord>,
}

/// The record of a span before its end, and the index of its tags.
pub(super) struct OpenRecord {
    pub(super) record: Box<Record>,
    pub(super) tag_index: TagIndex,
}

impl LiveSpan {
    pub(super) fn new(factory: Arc<SpanFactory>, record: Box<Record>) -> Self {
        LiveSpan { factory, open: TakeOnce::new(OpenRecord { record, tag_index: TagIndex::EMPTY }) }
    }

    /// Returns the record to a caller that has the only reference, or `None` if the span has ended.
    #[inline]
    pub(super) fn open_mut(&mut self) -> Option<&mut OpenRecord> {
        self.open.get_mut().as_mut()
    }

    /// Returns the record if the specialised code may deliver it: the span is not discarded, and the tracer has the
    /// default configuration.
    #[inline]
    pub(super) fn deliverable_mut(&mut self, end: End) -> Option<(&mut OpenRecord, &Arc<SpanFactory>)> {
        if end.reason == EndReason::Discarded || !self.factory.is_default() {
            return None;
        }
        Some((self.open.get_mut().as_mut()?, &self.factory))
    }

    /// Ends the span for all references. Returns `None` if it has ended before.
    pub(super) fn take_record(&self) -> Option<Box<Record>> {
        Some(self.open.take()?.record)
    }

    /// Prepares an ended span for reuse, with an empty record.
    pub(super) fn recycle(&mut self, record: Box<Record>) {
        *self.open.get_mut() = Some(OpenRecord { record, tag_index: TagIndex::EMPTY });
    }
}

impl CopyWhileOpen for LiveSpan {
    fn copy(&self) -> Option<FinishedSpan> {
        let mut copy = self.open.lock().as_ref()?.record.clone();
        copy.finish(End::new(EndReason::Dropped), &self.factory.config.clock);
        copy.settle(&Anchor::current());
        Some(copy.into())
    }
}
