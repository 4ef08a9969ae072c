//! The tags of a span.

use anytrace_api::{Name, Tag, Value};

use super::{
    arena::{self, Arena, Text},
    slot::Slot,
    table::{Place, Table},
};
use crate::limits::Limits;

/// More slots than this are not kept for the next span.
const KEPT: usize = 32;

/// The tags of a span, in the order in which their keys were first set.
#[derive(Clone, Debug)]
pub(super) struct Tags {
    /// The first `used` of them: the rest waits to be written over, so that none is made and then moved.
    slots: Vec<Slot>,
    used: usize,
    /// For how many there was no room.
    dropped: u32,
    few: Table<64>,
    /// In its place, where there are more.
    many: Option<Box<Table<256>>>,
}

impl Default for Tags {
    fn default() -> Self {
        Tags { slots: Vec::new(), used: 0, dropped: 0, few: Table::EMPTY, many: None }
    }
}

impl Tags {
    /// Sets or replaces each, as far as there is room.
    pub(super) fn set_all(&mut self, mut tags: &[Tag<'_>], most: u32, arena: &mut Arena, limits: &Limits) {
        loop {
            let usual = self.set_usual_ones(tags, limits);
            let Some((tag, rest)) = tags.get(usual..).and_then(|rest| rest.split_first()) else { return };
            self.set(&tag.key, &tag.value, most, arena, limits);
            tags = rest;
        }
    }

    /// Sets those that are usual, literals that are new and for which there are slots, up to the first that is not. Says
    /// how many these are.
    #[inline]
    pub(super) fn set_usual_ones(&mut self, tags: &[Tag<'_>], limits: &Limits) -> usize {
        let before = self.used;
        self.set_new_ones(tags, limits);
        self.used - before
    }

    /// Not inlined, and it calls nothing: it would fight for registers with all that a span's start holds, and lose.
    #[inline(never)]
    fn set_new_ones(&mut self, tags: &[Tag<'_>], limits: &Limits) {
        let mut used = self.used;
        let Some(slots) = self.slots.get_mut(used..) else { return };
        for (tag, slot) in tags.iter().zip(slots) {
            let Name::Static(key) = tag.key else { break };
            let place = Table::<64>::place(key);
            if self.few.at(place).is_some() || key.len() > limits.text_bytes as usize {
                break;
            }
            if !slot.value.write(&tag.value, limits) {
                break;
            }
            slot.key = Text::Static(key);
            self.few.put(place, used);
            used += 1;
        }
        self.used = used;
    }

    /// Sets one that is usual: also a literal that was the last one to belong to its place. Else false.
    #[allow(clippy::inline_always, reason = "a call costs as much as a tag, and it is inlined once")]
    #[inline(always)]
    pub(super) fn set_usual(&mut self, key: &Name<'_>, value: &Value<'_>, limits: &Limits) -> bool {
        let Name::Static(key) = *key else { return false };
        let place = Table::<64>::place(key);
        let known = self.few.at(place);
        let Some(slot) = self.slots.get_mut(known.unwrap_or(self.used)) else { return false };
        let fits = match known {
            Some(_) => slot.key.is_literal(key) && !slot.value.holds_more(),
            None => key.len() <= limits.text_bytes as usize,
        };
        if !fits || !slot.value.write(value, limits) {
            return false;
        }
        if known.is_none() {
            slot.key = Text::Static(key);
            self.few.put(place, self.used);
            self.used += 1;
        }
        true
    }

    /// Sets or replaces, or counts it where there is no room.
    #[inline(never)]
    pub(super) fn set(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        most: u32,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        let text = key.as_str();
        if let Value::Absent = value {
            return;
        }
        if text.len() > limits.text_bytes as usize {
            return self.set_cut(text, value, most, arena, limits);
        }
        let slots = &self.slots[..self.used];
        let is_it = |index: usize| slots.get(index).is_some_and(|slot| arena.read(slot.key) == text);
        let found = match &self.many {
            None => self.few.find(text, is_it),
            Some(many) => many.find(text, is_it).or_else(|place| {
                let beyond = (Table::<256>::MOST..slots.len()).find(|index| is_it(*index));
                beyond.ok_or(place)
            }),
        };
        match found {
            Ok(index) => {
                self.slots[index].value.replace(value, arena, limits);
            }
            Err(_) if self.used >= most as usize => self.dropped = self.dropped.saturating_add(1),
            Err(place) => self.add(key, value, place, most, arena, limits),
        }
    }

    #[cold]
    fn add(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        place: Place,
        most: u32,
        arena: &mut Arena,
        limits: &Limits,
    ) {
        let index = self.used;
        if index == self.slots.len() {
            let room = (index * 2).max(4).min(most as usize);
            self.slots.resize(room, Slot::EMPTY);
        }
        match &mut self.many {
            None => self.few.put(place, index),
            Some(many) if index < Table::<256>::MOST => many.put(place, index),
            Some(_) => {}
        }
        self.slots[index] = Slot::of(key, value, arena, limits);
        self.used += 1;
        if self.used == Table::<64>::MOST {
            self.many = Some(all(&self.slots[..self.used], arena));
            self.few = Table::FULL;
        }
    }

    /// Keys are kept as they were cut, and the cut is counted where one is kept.
    #[cold]
    fn set_cut(&mut self, text: &str, value: &Value<'_>, most: u32, arena: &mut Arena, limits: &Limits) {
        let key = Name::copied(arena::start(text, limits.text_bytes as usize));
        let used = self.used;
        self.set(&key, value, most, arena, limits);
        if self.used > used {
            arena.count_cut();
        }
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
        self.slots.truncate(KEPT);
        self.slots.shrink_to(KEPT);
        self.few = Table::EMPTY;
        self.many = None;
    }
}

#[cold]
fn all(slots: &[Slot], arena: &Arena) -> Box<Table<256>> {
    let mut table = Box::new(Table::EMPTY);
    for (index, slot) in slots.iter().enumerate() {
        if let Err(place) = table.find(arena.read(slot.key), |_| false) {
            table.put(place, index);
        }
    }
    table
}
