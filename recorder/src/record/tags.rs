//! Tags as they are kept: small, and nothing to be destroyed but lists.

use anytrace_api::{Name, Tag, Value};

use super::{
    arena::{self, Arena, Text},
    list::Lists,
    table::{Place, Table},
};
use crate::limits::Limits;

/// More slots than this are not kept for the next span.
const KEPT: usize = 32;

/// Tags in the order in which their keys were first set.
#[derive(Clone, Debug)]
pub(super) struct Tags {
    /// The first `used` of them: the rest waits to be written over, so that none is made and then moved.
    slots: Vec<Slot>,
    used: usize,
    /// For how many there was no room.
    dropped: u32,
    lists: Lists,
    few: Table<64>,
    /// In its place, where there are more.
    many: Option<Box<Table<256>>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: Text,
    value: Stored,
}

impl Slot {
    const EMPTY: Self = Slot { key: Text::EMPTY, value: Stored::Bool(false) };
}

#[derive(Clone, Copy, Debug)]
enum Stored {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Fixed(&'static str),
    // From here on there is something to be given up with it.
    Text(Text),
    /// Index of the list.
    List(u32),
}

impl Default for Tags {
    fn default() -> Self {
        Tags {
            slots: Vec::new(),
            used: 0,
            dropped: 0,
            lists: Lists::default(),
            few: Table::EMPTY,
            many: None,
        }
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
                self.slots[index].value.replace(value, &mut self.lists, arena, limits);
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
        let slot = &mut self.slots[index];
        slot.key = arena.keep(*key, limits);
        slot.value.write_rarer(value, &mut self.lists, arena, limits);
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

    pub(super) fn iter<'a>(&'a self, arena: &'a Arena) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.slots[..self.used].iter().map(move |slot| (arena.read(slot.key), self.value(slot.value, arena)))
    }

    fn value<'a>(&'a self, value: Stored, arena: &'a Arena) -> Value<'a> {
        match value {
            Stored::Bool(value) => Value::Bool(value),
            Stored::I64(value) => Value::I64(value),
            Stored::U64(value) => Value::U64(value),
            Stored::F64(value) => Value::F64(value),
            Stored::Fixed(text) => Value::Text(text),
            Stored::Text(text) => Value::Text(arena.read(text)),
            Stored::List(list) => self.lists.read(list),
        }
    }

    pub(super) fn for_each_text(&mut self, work: &mut dyn FnMut(&mut Text)) {
        for slot in &mut self.slots[..self.used] {
            work(&mut slot.key);
            if let Stored::Text(text) = &mut slot.value {
                work(text);
            }
        }
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
        self.lists = Lists::default();
    }
}

impl Stored {
    /// Writes what is usual; false for all else.
    ///
    /// Each kind is written where it stays: put together elsewhere and copied, it would be read before it has been
    /// written out.
    #[allow(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn write(&mut self, value: &Value<'_>, limits: &Limits) -> bool {
        if let Value::Fixed(text) = *value {
            if text.len() > limits.text_bytes as usize {
                return false;
            }
            *self = Stored::Fixed(text);
        } else if let Value::I64(value) = *value {
            *self = Stored::I64(value);
        } else if let Value::Bool(value) = *value {
            *self = Stored::Bool(value);
        } else {
            return false;
        }
        true
    }

    /// Writes all but what is not to be set.
    fn write_rarer(&mut self, value: &Value<'_>, lists: &mut Lists, arena: &mut Arena, limits: &Limits) {
        *self = match *value {
            Value::Bool(value) => Stored::Bool(value),
            Value::I64(value) => Stored::I64(value),
            Value::U64(value) => Stored::U64(value),
            Value::F64(value) => Stored::F64(value),
            Value::Fixed(text) => Stored::Text(arena.keep(Name::Static(text), limits)),
            Value::Text(text) => Stored::Text(arena.keep(Name::Copied(text), limits)),
            _ => match lists.add(value, arena, limits) {
                Some(list) => Stored::List(list),
                // A kind of value that this version does not know is kept as it shows itself.
                None => Stored::Text(arena.keep(Name::Copied(&value.to_string()), limits)),
            },
        }
    }

    /// Whether there is something to be given up with it.
    #[inline]
    fn holds_more(&self) -> bool {
        matches!(self, Stored::Text(_) | Stored::List(_))
    }

    fn replace(&mut self, value: &Value<'_>, lists: &mut Lists, arena: &mut Arena, limits: &Limits) {
        match *self {
            Stored::Text(old) => arena.waste(old),
            Stored::List(list) if lists.replace(list, value, arena, limits) => return,
            _ => {}
        }
        self.write_rarer(value, lists, arena, limits);
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
