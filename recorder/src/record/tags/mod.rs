//! The tags of a span.

mod hash_table;
mod index;
mod ranges;
mod stored_tag;

use anytrace_api::{Name, Tag, Value};

use self::stored_tag::StoredTag;
use super::{
    arena::{self, Arena, Text},
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
    /// Sets or replaces each tag.
    pub(super) fn set_all(
        &mut self,
        mut tags: &[Tag<'_>],
        index: &mut TagIndex,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        loop {
            let set = self.set_all_fast(tags, index, limits);
            let Some((tag, remaining)) = tags.get(set..).and_then(<[_]>::split_first) else { return };
            if !self.set_literal(&tag.key, &tag.value, index, arena, limits) {
                self.set(&tag.key, &tag.value, index, arena, limits);
            }
            tags = remaining;
        }
    }

    /// Sets tags with new literals as keys, without the arena and without allocating, up to the first tag that needs
    /// more. Returns the number of tags that were set.
    #[inline]
    pub(super) fn set_all_fast(&mut self, tags: &[Tag<'_>], index: &mut TagIndex, limits: &Limits) -> usize {
        let before = self.len;
        self.set_new_literals(tags, index, limits);
        self.len - before
    }

    /// A leaf function that is not inlined: inlined into the start of a span, its loop would spill registers.
    #[inline(never)]
    fn set_new_literals(&mut self, tags: &[Tag<'_>], index: &mut TagIndex, limits: &Limits) {
        let mut len = self.len;
        let Some(slots) = self.slots.get_mut(len..) else { return };
        for (tag, slot) in tags.iter().zip(slots) {
            let Name::Static(key) = tag.key else { break };
            let bucket = TagIndex::home(key);
            if index.get(bucket).is_some() || key.len() > limits.text_bytes as usize {
                break;
            }
            if !slot.value.write_fast(&tag.value, limits) {
                break;
            }
            slot.key = Text::Static(key);
            index.insert_small(bucket, len);
            len += 1;
        }
        self.len = len;
    }

    /// Sets a tag whose key is a literal without a collision, without the arena and without allocating. Returns false if
    /// the tag needs more.
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
            return slot.key.is_literal(key)
                && !slot.value.uses_arena()
                && slot.value.write_fast(value, limits);
        }
        if key.len() > limits.text_bytes as usize {
            return false;
        }
        let Some(slot) = self.slots.get_mut(self.len) else { return false };
        if !slot.value.write_fast(value, limits) {
            return false;
        }
        slot.key = Text::Static(key);
        index.insert_small(bucket, self.len);
        self.len += 1;
        true
    }

    /// Sets a tag with any value whose key is a literal, also after a collision. Returns false if the tag needs more.
    #[inline]
    pub(super) fn set_literal(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        index: &mut TagIndex,
        arena: &mut Arena,
        limits: &Limits,
    ) -> bool {
        let Name::Static(key) = *key else { return false };
        if self.len >= TagIndex::SMALL || key.len() > limits.text_bytes as usize {
            return false;
        }
        if matches!(value, Value::Absent) {
            return false;
        }
        let mut bucket = TagIndex::home(key);
        while let Some(slot) = index.get(bucket).and_then(|position| self.slots.get_mut(position)) {
            match slot.key {
                Text::Static(stored) if stored == key => {
                    slot.value.replace(value, arena, limits);
                    return true;
                }
                Text::Static(_) => bucket = bucket.next(),
                Text::Copied { .. } => return false,
            }
        }
        let Some(slot) = self.slots.get_mut(self.len) else { return false };
        slot.key = Text::Static(key);
        slot.value.write(value, arena, limits);
        index.insert_small(bucket, self.len);
        self.len += 1;
        true
    }

    /// Sets or replaces any tag. Over the limit, the tag is dropped and counted.
    #[inline(never)]
    pub(super) fn set(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        index: &mut TagIndex,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        let text = key.as_str();
        if let Value::Absent = value {
            return;
        }
        if text.len() > limits.text_bytes as usize {
            return self.set_with_cut_key(text, value, index, arena, limits);
        }
        let slots = &self.slots[..self.len];
        if index.is_full(slots.len()) && slots.len() < limits.tags as usize {
            index.enlarge(slots.iter().map(|slot| arena.read(slot.key)));
        }
        let has_key = |position: usize| slots.get(position).is_some_and(|slot| slot.has_key(text, arena));
        match index.find(text, slots.len(), has_key) {
            Ok(position) => self.slots[position].value.replace(value, arena, limits),
            Err(_) if self.len >= limits.tags as usize => self.dropped = self.dropped.saturating_add(1),
            Err(bucket) => {
                index.insert(bucket, self.len);
                self.push(key, value, arena, limits);
            }
        }
    }

    #[cold]
    fn push(&mut self, key: &Name<'_>, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        let position = self.len;
        if position == self.slots.len() {
            let doubled = position * 2;
            let grown = if position < TagIndex::SMALL { doubled.clamp(4, TagIndex::SMALL) } else { doubled };
            self.slots.resize(grown.min(limits.tags as usize), StoredTag::EMPTY);
        }
        self.slots[position].set(key, value, arena, limits);
        self.len += 1;
    }

    /// Sets a tag whose key is too long. Keys are compared as they are stored, and the cut is counted only for a new key.
    #[cold]
    fn set_with_cut_key(
        &mut self,
        text: &str,
        value: &Value<'_>,
        index: &mut TagIndex,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        let key = Name::copied(arena::prefix(text, limits.text_bytes as usize));
        let len = self.len;
        self.set(&key, value, index, arena, limits);
        if self.len > len {
            arena.count_cut();
        }
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
