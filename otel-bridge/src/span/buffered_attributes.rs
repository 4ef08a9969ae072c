//! Tags and status of a span that has not ended, buffered so that OpenTelemetry's span receives each key once.

use std::mem;

use anytrace_api::{EndReason, Name, Tag, Value};
use opentelemetry::{KeyValue, trace::Status};

use super::span_writer::SpanWriter;
use crate::convert::{self, KeyFilter};

/// The maximum number of buffered tags. Further tags are written to OpenTelemetry's span at once, where the limit of
/// the provider applies.
const MAX_TAGS: usize = 128;

#[derive(Default)]
pub(super) struct BufferedAttributes {
    tags: Vec<KeyValue>,
    /// The keys of `tags`.
    keys: KeyFilter,
    status: Status,
}

impl BufferedAttributes {
    /// Sets a tag if fewer than [`MAX_TAGS`] are buffered. Otherwise returns false, and the caller uses
    /// [`set_or_return_excess`](Self::set_or_return_excess).
    #[allow(
        clippy::inline_always,
        reason = "a call costs as much as the tag, since its key and value are passed in memory"
    )]
    #[inline(always)]
    pub(super) fn try_set(&mut self, key: Name<'_>, value: Value<'_>) -> bool {
        let tags = &mut self.tags;
        if let Name::Static(name) = key {
            // Without a reallocation, the attribute is constructed in the vector.
            let fits = tags.len() < tags.capacity() && tags.len() < MAX_TAGS;
            if fits && !self.keys.may_contain(name) && convert::push_scalar(tags, name, value) {
                self.keys.insert(name);
                return true;
            }
        }
        self.try_set_slow(key, value)
    }

    #[inline(never)]
    fn try_set_slow(&mut self, key: Name<'_>, value: Value<'_>) -> bool {
        let tags = &mut self.tags;
        let fits = tags.len() < MAX_TAGS;
        if fits {
            self.keys.insert(key.as_str());
            convert::set_attribute(tags, key, value);
        }
        fits
    }

    /// Sets each of `tags` like [`try_set`](Self::try_set), up to the first that does not fit.
    pub(super) fn try_set_all(&mut self, tags: &[Tag<'_>]) -> bool {
        tags.iter().all(|tag| self.try_set(tag.key, tag.value))
    }

    /// Sets the tags that fit or replace a buffered one, and returns the others.
    #[cold]
    pub(super) fn set_or_return_excess(&mut self, tags: &[Tag<'_>]) -> Vec<KeyValue> {
        let mut excess = Vec::new();
        let buffered = &mut self.tags;
        for tag in tags {
            let is_known = || buffered.iter().any(|known| known.key.as_str() == tag.key.as_str());
            let fits = buffered.len() < MAX_TAGS || is_known();
            self.keys.insert(tag.key.as_str());
            convert::set_attribute(if fits { buffered } else { &mut excess }, tag.key, tag.value);
        }
        excess
    }

    /// Sets the status. `Ok` is final, and an error without a description does not replace one with a description.
    pub(super) fn set_status(&mut self, status: Status) {
        let replaces = match (&status, &self.status) {
            (_, Status::Ok) => false,
            (Status::Error { description }, Status::Error { .. }) => !description.is_empty(),
            _ => true,
        };
        if replaces {
            self.status = status;
        }
    }

    #[inline]
    pub(super) fn set_end_reason(&mut self, reason: EndReason) {
        convert::set_end_reason(&mut self.tags, reason);
    }

    /// Writes all tags and the status to `span`, which leaves the buffer empty.
    #[inline]
    pub(super) fn write_to(&mut self, span: &mut SpanWriter<'_>) {
        if !self.tags.is_empty() {
            span.set_attributes(&mut self.tags);
        }
        self.keys = KeyFilter::default();
        if self.status != Status::Unset {
            span.set_status(mem::take(&mut self.status));
        }
    }
}
