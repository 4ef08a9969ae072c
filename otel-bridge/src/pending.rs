//! What is kept back until a span ends, so that each key is told once.

use std::{cell::Cell, mem};

use anytrace_api::{Ending, Name, Tag, Value};
use opentelemetry::{KeyValue, trace::Status as OtelStatus};

use crate::{ENDING, convert, recorded::Recorded};

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
    /// Whether it has been set: else it may be too much, and is for [`set_or_return`](Self::set_or_return).
    #[inline]
    pub(crate) fn set_if_room(&mut self, key: Name<'_>, value: Value<'_>) -> bool {
        let is_room = self.tags.len() < KEPT_BACK;
        if is_room {
            self.set(key, value);
        }
        is_room
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
            let is_kept = self.tags.len() < KEPT_BACK || is_known();
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

    /// How it ended.
    #[inline]
    pub(crate) fn end(&mut self, how: Ending) {
        if how != Ending::Finished {
            self.set(Name::Static(ENDING), Value::Fixed(how.as_str()));
        }
    }

    /// Tells `span` all of it.
    #[inline]
    pub(crate) fn tell(&mut self, span: &mut Recorded<'_>) {
        if !self.tags.is_empty() {
            span.set_attributes(self.tags.drain(..));
            let _ = SPARE.try_with(|spare| spare.set(mem::take(&mut self.tags)));
        }
        if self.status != OtelStatus::Unset {
            span.set_status(mem::take(&mut self.status));
        }
    }
}
