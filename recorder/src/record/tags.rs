//! The tags of a span.

use anytrace_api::{Name, Tag, Value};

use super::{
    arena::{self, Arena, Text},
    places::Places,
    slot::Slot,
};
use crate::limits::Limits;

/// Room for more slots than this is not kept for the next span.
const KEPT: usize = 128;

/// The tags of a span, in the order in which their keys were first set.
#[derive(Clone, Debug, Default)]
pub(super) struct Tags {
    /// The first `used` of them: the rest waits to be written over, so that none is made and then moved.
    slots: Vec<Slot>,
    used: usize,
    /// For how many there was no room.
    dropped: u32,
}

impl Tags {
    /// Sets or replaces each, as far as there is room.
    pub(super) fn set_all(
        &mut self,
        mut tags: &[Tag<'_>],
        places: &mut Places,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        loop {
            let new = self.set_new_ones(tags, places, limits);
            let Some((tag, rest)) = tags.get(new..).and_then(|rest| rest.split_first()) else { return };
            if !self.set_literal(&tag.key, &tag.value, places, arena, limits) {
                self.set(&tag.key, &tag.value, places, arena, limits);
            }
            tags = rest;
        }
    }

    /// Sets those that are usual, literals that are new and for which there are slots, up to the first that is not. Says
    /// how many these are.
    #[inline]
    pub(super) fn set_new_ones(&mut self, tags: &[Tag<'_>], places: &mut Places, limits: &Limits) -> usize {
        let before = self.used;
        self.set_until_another(tags, places, limits);
        self.used - before
    }

    /// Not inlined, and it calls nothing: it would fight for registers with all that a span's start holds, and lose.
    #[inline(never)]
    fn set_until_another(&mut self, tags: &[Tag<'_>], places: &mut Places, limits: &Limits) {
        let mut used = self.used;
        let Some(slots) = self.slots.get_mut(used..) else { return };
        for (tag, slot) in tags.iter().zip(slots) {
            let Name::Static(key) = tag.key else { break };
            let place = Places::first(key);
            if places.at(place).is_some() || key.len() > limits.text_bytes as usize {
                break;
            }
            if !slot.value.write(&tag.value, limits) {
                break;
            }
            slot.key = Text::Static(key);
            places.put_first(place, used);
            used += 1;
        }
        self.used = used;
    }

    /// Sets one that is usual: a literal that is new, or the last one that came to its place. Else false.
    #[allow(clippy::inline_always, reason = "a call costs as much as a tag, and it is inlined once")]
    #[inline(always)]
    pub(super) fn set_usual(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        places: &mut Places,
        limits: &Limits,
    ) -> bool {
        let Name::Static(key) = *key else { return false };
        let place = Places::first(key);
        if let Some(index) = places.at(place) {
            let Some(slot) = self.slots.get_mut(index) else { return false };
            return slot.key.is_literal(key) && !slot.value.holds_more() && slot.value.write(value, limits);
        }
        if key.len() > limits.text_bytes as usize {
            return false;
        }
        let Some(slot) = self.slots.get_mut(self.used) else { return false };
        if !slot.value.write(value, limits) {
            return false;
        }
        slot.key = Text::Static(key);
        places.put_first(place, self.used);
        self.used += 1;
        true
    }

    /// The same for every value under a literal, also one whose place another one has.
    #[inline]
    pub(super) fn set_literal(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        places: &mut Places,
        arena: &mut Arena,
        limits: &Limits,
    ) -> bool {
        let Name::Static(key) = *key else { return false };
        let is_odd = self.used >= Places::FEW || key.len() > limits.text_bytes as usize;
        if is_odd || matches!(value, Value::Absent) {
            return false;
        }
        let mut place = Places::first(key);
        while let Some(slot) = places.at(place).and_then(|index| self.slots.get_mut(index)) {
            match slot.key {
                Text::Static(known) if known == key => {
                    slot.value.replace(value, arena, limits);
                    return true;
                }
                Text::Static(_) => place = place.next(),
                Text::Copied { .. } => return false,
            }
        }
        let Some(slot) = self.slots.get_mut(self.used) else { return false };
        slot.key = Text::Static(key);
        slot.value.write_rarer(value, arena, limits);
        places.put_first(place, self.used);
        self.used += 1;
        true
    }

    /// Sets or replaces, or counts it where there is no room.
    #[inline(never)]
    pub(super) fn set(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        places: &mut Places,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        let text = key.as_str();
        if let Value::Absent = value {
            return;
        }
        if text.len() > limits.text_bytes as usize {
            return self.set_cut(text, value, places, arena, limits);
        }
        let slots = &self.slots[..self.used];
        if places.are_too_few(slots.len()) && slots.len() < limits.tags as usize {
            places.enlarge(slots.iter().map(|slot| arena.read(slot.key)));
        }
        let is_it = |number: usize| slots.get(number).is_some_and(|slot| slot.has_key(text, arena));
        let found = places.find(text, slots.len(), is_it);
        match found {
            Ok(index) => {
                self.slots[index].value.replace(value, arena, limits);
            }
            Err(_) if self.used >= limits.tags as usize => self.dropped = self.dropped.saturating_add(1),
            Err(place) => {
                places.put(place, self.used);
                self.add(key, value, arena, limits);
            }
        }
    }

    #[cold]
    fn add(&mut self, key: &Name<'_>, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        let index = self.used;
        if index == self.slots.len() {
            let room = if index < Places::FEW { (index * 2).clamp(4, Places::FEW) } else { index * 2 };
            self.slots.resize(room.min(limits.tags as usize), Slot::EMPTY);
        }
        self.slots[index].set(key, value, arena, limits);
        self.used += 1;
    }

    /// Keys are kept as they were cut, and the cut is counted where one is kept.
    #[cold]
    fn set_cut(
        &mut self,
        text: &str,
        value: &Value<'_>,
        places: &mut Places,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        let key = Name::copied(arena::start(text, limits.text_bytes as usize));
        let used = self.used;
        self.set(&key, value, places, arena, limits);
        if self.used > used {
            arena.count_cut();
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// For how many there was no room.
    pub(super) fn dropped(&self) -> u32 {
        self.dropped
    }

    pub(super) fn iter<'a>(
        &'a self,
        arena: &'a Arena,
    ) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.slots[..self.used].iter().map(|slot| slot.read(arena))
    }

    pub(super) fn for_each_text(&mut self, work: &mut dyn FnMut(&mut Text)) {
        self.slots[..self.used].iter_mut().for_each(|slot| slot.for_each_text(work));
    }

    /// What the slots take, in bytes; the arena counts the rest.
    #[inline]
    pub(super) fn weight(&self) -> usize {
        self.used * size_of::<Slot>()
    }

    pub(super) fn reset(&mut self) {
        self.used = 0;
        self.dropped = 0;
        // Beyond these, one has to look among many.
        self.slots.truncate(Places::FEW);
        if self.slots.capacity() > KEPT {
            self.slots.shrink_to(KEPT);
        }
    }
}
