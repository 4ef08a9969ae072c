//! The tags of a span.

mod hash_table;
mod index;
mod ranges;
mod stored_tag;

use anytrace_api::{Name, Tag, Value};

use self::{hash_table::Bucket, stored_tag::StoredTag};
use super::{
    arena::{Arena, Text},
    cuts::prefix,
    limits::Limits,
};

pub(crate) use self::index::TagIndex;
pub(super) use self::ranges::{TagRange, TagRanges};

/// The number of tags for which a record keeps memory allocated for the next span.
const KEPT_TAGS: usize = 128;

/// The tags of a span, in the order in which their keys were first set.
#[derive(Clone, Debug, Default)]
pub(super) struct Tags {
    /// The first `len` of them are set. The others are overwritten in place, which is cheaper than building a tag and
    /// moving it.
    slots: Vec<StoredTag>,
    len: usize,
    /// The number of tags over the limit.
    dropped: u32,
}

impl Tags {
    /// Sets a tag by the fast path, without the arena and without allocating. Returns false if [`set`](Self::set) has
    /// to be called: for copied keys, for collisions in the index, and for values that are not of a common kind.
    #[allow(clippy::inline_always, reason = "a call costs as much as a tag, and there is one caller")]
    #[inline(always)]
    pub(super) fn set_fast(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        index: &mut TagIndex,
        limits: &Limits,
    ) -> bool {
        let Name::Static(key) = *key else { return false };
        let bucket = TagIndex::home(key);
        if let Some(position) = index.get(bucket) {
            let Some(slot) = self.slots.get_mut(position) else { return false };
            return slot.replace_fast(key, value, limits);
        }
        let Some(slot) = self.slots.get_mut(self.len) else { return false };
        if !slot.set_fast(key, value, limits) {
            return false;
        }
        index.insert_small(bucket, self.len);
        self.len += 1;
        true
    }

    /// Sets tags by the fast path up to the first tag that is not new or needs more. Returns the number of tags that
    /// were set.
    #[inline]
    pub(super) fn set_all_fast(&mut self, tags: &[Tag<'_>], index: &mut TagIndex, limits: &Limits) -> usize {
        let before = self.len;
        self.set_new_tags(tags, index, limits);
        self.len - before
    }

    /// The loop of the fast path. Calling [`set_fast`](Self::set_fast) for each tag instead costs 4 % of a span with
    /// five tags. Not inlined, because the loop would spill registers in the start of a span.
    #[inline(never)]
    fn set_new_tags(&mut self, tags: &[Tag<'_>], index: &mut TagIndex, limits: &Limits) {
        let mut len = self.len;
        let Some(slots) = self.slots.get_mut(len..) else { return };
        for (tag, slot) in tags.iter().zip(slots) {
            let Name::Static(key) = tag.key else { break };
            let bucket = TagIndex::home(key);
            if index.get(bucket).is_some() || !slot.set_fast(key, &tag.value, limits) {
                break;
            }
            index.insert_small(bucket, len);
            len += 1;
        }
        self.len = len;
    }

    /// Sets or replaces any tag. Over the limit, the tag is dropped and counted.
    #[inline]
    pub(super) fn set(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        index: &mut TagIndex,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        if let Value::Absent = value {
            return;
        }
        // Keys are compared as they are stored: cut at the limit.
        let text = prefix(key.as_str(), limits.text_bytes as usize);
        let found = if self.len < TagIndex::SMALL {
            let slots = &self.slots;
            index.find_small(text, |position| {
                slots.get(position).is_some_and(|slot| slot.has_key(text, arena))
            })
        } else {
            self.find_large(text, index, arena)
        };
        match found {
            Ok(position) => self.slots[position].value.replace(value, arena, limits),
            Err(_) if self.len >= limits.tags as usize => self.dropped = self.dropped.saturating_add(1),
            Err(bucket) => {
                let position = self.len;
                index.insert(bucket, position);
                self.len = position + 1;
                let slot = match self.slots.get_mut(position) {
                    Some(slot) => slot,
                    None => self.grow(position, limits),
                };
                slot.set(key, value, arena, limits);
            }
        }
    }

    /// Finds a key among more tags than the small table can index.
    #[cold]
    fn find_large(&self, key: &str, index: &mut TagIndex, arena: &Arena) -> Result<usize, Bucket> {
        let slots = &self.slots[..self.len];
        if !index.is_large() {
            index.enlarge(slots.iter().map(|slot| arena.read(slot.key)));
        }
        index.find_large(key, slots.len(), |position| {
            slots.get(position).is_some_and(|slot| slot.has_key(key, arena))
        })
    }

    /// Adds slots, and returns the slot at `position`.
    #[cold]
    fn grow(&mut self, position: usize, limits: &Limits) -> &mut StoredTag {
        let doubled = position * 2;
        let grown = if position < TagIndex::SMALL { doubled.clamp(4, TagIndex::SMALL) } else { doubled };
        self.slots.resize(grown.min(limits.tags as usize), StoredTag::EMPTY);
        &mut self.slots[position]
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the number of tags over the limit.
    pub(super) fn dropped(&self) -> u32 {
        self.dropped
    }

    pub(super) fn iter<'a>(
        &'a self,
        arena: &'a Arena,
    ) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.slots[..self.len].iter().map(|slot| slot.read(arena))
    }

    pub(super) fn for_each_text(&mut self, visit: &mut dyn FnMut(&mut Text)) {
        self.slots[..self.len].iter_mut().for_each(|slot| slot.for_each_text(visit));
    }

    /// Returns the bytes of the tags, without their text and lists, which the arena counts.
    #[inline]
    pub(super) fn weight(&self) -> usize {
        self.len * size_of::<StoredTag>()
    }

    pub(super) fn reset(&mut self) {
        self.len = 0;
        self.dropped = 0;
        // With more slots, the fast path would set more tags than the small table can index.
        self.slots.truncate(TagIndex::SMALL);
        if self.slots.capacity() > KEPT_TAGS {
            self.slots.shrink_to(KEPT_TAGS);
        }
    }
}
