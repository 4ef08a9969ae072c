//! What is kept back until a span ends, so that each key is told once.

use std::mem;

use anytrace_api::{EndReason, Name, Tag, Value};
use opentelemetry::{KeyValue, trace::Status as OtelStatus};

use crate::{
    END_REASON,
    convert::{self, Looks},
    recorded::Recorded,
};

/// As many tags are kept back. More go straight on, and meet the provider's own limit.
const KEPT_BACK: usize = 128;

#[derive(Default)]
pub(crate) struct Pending {
    tags: Vec<KeyValue>,
    /// What their keys look like.
    looks: Looks,
    status: OtelStatus,
}

impl Pending {
    /// Whether it has been set: else it may be too much, and is for [`set_or_return`](Self::set_or_return).
    #[allow(
        clippy::inline_always,
        reason = "a call costs as much as a tag: its key and value would go by memory"
    )]
    #[inline(always)]
    pub(crate) fn set_if_room(&mut self, key: Name<'_>, value: Value<'_>) -> bool {
        let tags = &mut self.tags;
        if let Name::Static(name) = key {
            // Where the list need not grow, a tag is written where it stays.
            let is_room = tags.len() < tags.capacity() && tags.len() < KEPT_BACK;
            if is_room && self.looks.is_new(name) && convert::push_plain(tags, name, value) {
                self.looks.add(name);
                return true;
            }
        }
        self.set_any_if_room(key, value)
    }

    #[inline(never)]
    fn set_any_if_room(&mut self, key: Name<'_>, value: Value<'_>) -> bool {
        let tags = &mut self.tags;
        let is_room = tags.len() < KEPT_BACK;
        if is_room {
            self.looks.add(key.as_str());
            convert::set_attribute(tags, key, value);
        }
        is_room
    }

    /// The same for each of `tags`, until one does not fit.
    pub(crate) fn set_all_if_room(&mut self, tags: &[Tag<'_>]) -> bool {
        tags.iter().all(|tag| self.set_if_room(tag.key, tag.value))
    }

    /// Returns what is too much to be kept back.
    #[cold]
    pub(crate) fn set_or_return(&mut self, tags: &[Tag<'_>]) -> Vec<KeyValue> {
        let mut beyond = Vec::new();
        let kept = &mut self.tags;
        for tag in tags {
            let is_known = || kept.iter().any(|known| known.key.as_str() == tag.key.as_str());
            let is_kept = kept.len() < KEPT_BACK || is_known();
            self.looks.add(tag.key.as_str());
            convert::set_attribute(if is_kept { kept } else { &mut beyond }, tag.key, tag.value);
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
    pub(crate) fn end(&mut self, reason: EndReason) {
        if reason != EndReason::Finished {
            self.end_otherwise(reason);
        }
    }

    #[cold]
    fn end_otherwise(&mut self, reason: EndReason) {
        convert::set_attribute(&mut self.tags, Name::Static(END_REASON), Value::Static(reason.as_str()));
    }

    /// Tells `span` all of it, so that nothing is left.
    #[inline]
    pub(crate) fn tell(&mut self, span: &mut Recorded<'_>) {
        if !self.tags.is_empty() {
            span.set_attributes(&mut self.tags);
        }
        self.looks = Looks::default();
        if self.status != OtelStatus::Unset {
            span.set_status(mem::take(&mut self.status));
        }
    }
}
