//! What is kept back until a span ends, so that each key is told once.

use std::{cell::Cell, mem};

use anytrace_api::{Name, Tag, Value};
use opentelemetry::{KeyValue, trace::Status as OtelStatus};

use crate::{convert, recorded::Recorded};

/// As many tags are kept back. More go straight on, and meet the provider's own limit.
const KEPT_BACK: usize = 128;

thread_local! {
    /// An emptied list, for the next span on this thread.
    static SPARE: Cell<Vec<KeyValue>> = const { Cell::new(Vec::new()) };
}

#[derive(Default)]
pub(crate) struct Pending {
    tags: Vec<KeyValue>,
    status: OtelStatus,
}

impl Pending {
    /// Whether no tag can be too many: else it is for [`set_or_return`](Self::set_or_return).
    #[inline]
    pub(crate) fn has_room_for(&self, tags: usize) -> bool {
        self.tags.len() + tags <= KEPT_BACK
    }

    #[inline]
    pub(crate) fn set(&mut self, key: Name<'_>, value: Value<'_>) {
        if self.tags.capacity() == 0 {
            self.tags = SPARE.try_with(Cell::take).unwrap_or_default();
        }
        convert::set_attribute(&mut self.tags, key, value);
    }

    /// Returns what is too much to be kept back.
    #[cold]
    pub(crate) fn set_or_return(&mut self, tags: &[Tag<'_>]) -> Vec<KeyValue> {
        let mut beyond = Vec::new();
        for tag in tags {
            let is_known = || self.tags.iter().any(|known| known.key.as_str() == tag.key.as_str());
            let is_kept = self.has_room_for(1) || is_known();
            convert::set_attribute(if is_kept { &mut self.tags } else { &mut beyond }, tag.key, tag.value);
        }
        beyond
    }

    /// `Ok` is final, and an error without a word leaves the words of an earlier one.
    pub(crate) fn set_status(&mut self, status: OtelStatus) {
        let says_more = match (&status, &self.status) {
            (_, OtelStatus::Ok) => false,
            (OtelStatus::Error { description }, OtelStatus::Error { .. }) => !description.is_empty(),
            _ => true,
        };
        if says_more {
            self.status = status;
        }
    }

    /// Tells `span` all of it.
    pub(crate) fn tell(mut self, span: &mut Recorded<'_>) {
        if !self.tags.is_empty() {
            span.set_attributes(self.tags.drain(..));
            let _ = SPARE.try_with(|spare| spare.set(mem::take(&mut self.tags)));
        }
        if self.status != OtelStatus::Unset {
            span.set_status(self.status);
        }
    }
}
