//! The tags of all events and links of a span, in one vector that is reused for the next span.

use anytrace_api::{Tag, Value};

use super::stored_tag::StoredTag;
use crate::record::{
    arena::{Arena, Text},
    cuts::prefix,
    limits::Limits,
};

/// The number of tags for which a record keeps memory allocated for the next span.
const KEPT_TAGS: usize = 64;

/// The tags of all events and links of a span.
#[derive(Clone, Debug, Default)]
pub(in crate::record) struct TagRanges(Vec<StoredTag>);

/// The tags of one event or link.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct TagRange {
    start: u32,
    end: u32,
    /// The number of tags over the limit.
    pub(in crate::record) dropped: u32,
}

impl TagRanges {
    /// Stores the tags of one event or link. A repeated key replaces the value, as in a span.
    pub(in crate::record) fn add(
        &mut self,
        tags: &[Tag<'_>],
        max_tags: u32,
        arena: &mut Arena,
        limits: &Limits,
    ) -> TagRange {
        let start = self.0.len();
        let mut dropped = 0;
        for tag in tags {
            if let Value::Absent = tag.value {
                continue;
            }
            let key = match tag.key.as_str() {
                key if key.len() <= limits.text_bytes as usize => key,
                key => prefix(key, limits.text_bytes as usize),
            };
            match self.0[start..].iter().position(|stored| stored.has_key(key, arena)) {
                Some(index) => self.0[start + index].value.replace(&tag.value, arena, limits),
                None if self.0.len() - start >= max_tags as usize => dropped += 1,
                None => {
                    let mut stored = StoredTag::EMPTY;
                    stored.set(&tag.key, &tag.value, arena, limits);
                    self.0.push(stored);
                }
            }
        }
        arena.count_held((self.0.len() - start) * size_of::<StoredTag>(), 0);
        // No truncation: memory runs out before a span has 2^32 tags.
        TagRange { start: start as u32, end: self.0.len() as u32, dropped }
    }

    pub(in crate::record) fn iter<'a>(
        &'a self,
        range: TagRange,
        arena: &'a Arena,
    ) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let tags = self.0.get(range.start as usize..range.end as usize).unwrap_or_default();
        tags.iter().map(|stored| stored.read(arena))
    }

    pub(in crate::record) fn for_each_text(&mut self, visit: &mut dyn FnMut(&mut Text)) {
        self.0.iter_mut().for_each(|stored| stored.for_each_text(visit));
    }

    pub(in crate::record) fn reset(&mut self) {
        self.0.clear();
        self.0.shrink_to(KEPT_TAGS);
    }
}
