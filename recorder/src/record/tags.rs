//! Tags as they are kept: small, and nothing to be destroyed but lists.

use anytrace_api::{Name, Tag, Texts, Value};

use super::arena::{self, Arena, Text};
use crate::limits::Limits;

/// More slots than this are not kept for the next span.
const KEPT: usize = 32;

#[derive(Clone, Debug, Default)]
pub(super) struct Tags {
    slots: Vec<Slot>,
    lists: Vec<List>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) key: Text,
    pub(super) value: Stored,
}

impl Slot {
    const EMPTY: Self = Slot { key: Text::EMPTY, value: Stored::Bool(false) };
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Stored {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(Text),
    /// Index of the list.
    List(u32),
}

/// What is rare and owned.
#[derive(Clone, Debug)]
enum List {
    Bytes(Vec<u8>),
    Bools(Vec<bool>),
    I64s(Vec<i64>),
    F64s(Vec<f64>),
    Texts(Vec<String>),
}

impl Tags {
    /// Sets or replaces each; says for how many there was no room.
    ///
    /// Not inlined: it would fight for registers with all that a span's start holds, and lose.
    #[inline(never)]
    pub(super) fn set_all(&mut self, tags: &[Tag<'_>], most: u32, arena: &mut Arena, limits: &Limits) -> u32 {
        let mut dropped = 0;
        for tag in tags {
            if !self.set(tag, most, arena, limits) {
                dropped += 1;
            }
        }
        dropped
    }

    /// Sets or replaces; false when there is no room.
    #[allow(clippy::inline_always, reason = "a call costs as much as a tag, and it is inlined twice")]
    #[inline(always)]
    pub(super) fn set(&mut self, tag: &Tag<'_>, most: u32, arena: &mut Arena, limits: &Limits) -> bool {
        if let Value::Absent = tag.value {
            return true;
        }
        let index = match self.position(tag.key.as_str(), arena, limits) {
            Some(index) => {
                match self.slots[index].value {
                    Stored::Text(old) => arena.waste(old),
                    Stored::List(list) if replace_list(&mut self.lists, list, tag.value, arena, limits) => {
                        return true;
                    }
                    _ => {}
                }
                index
            }
            None if self.slots.len() >= most as usize => return false,
            None => {
                self.slots.push(Slot::EMPTY);
                let index = self.slots.len() - 1;
                let place = &mut self.slots[index].key;
                match tag.key {
                    Name::Static(text) => *place = Text::Static(arena.cut(text, limits)),
                    text @ Name::Copied(_) => *place = arena.keep(text, limits),
                }
                index
            }
        };
        // Each kind is written where it stays: put together elsewhere and copied, it would be read before it has been
        // written out.
        let place = &mut self.slots[index].value;
        match tag.value {
            Value::Bool(value) => *place = Stored::Bool(value),
            Value::I64(value) => *place = Stored::I64(value),
            Value::U64(value) => *place = Stored::U64(value),
            Value::F64(value) => *place = Stored::F64(value),
            Value::Fixed(text) => *place = Stored::Text(Text::Static(arena.cut(text, limits))),
            Value::Text(text) => *place = Stored::Text(arena.keep(Name::Copied(text), limits)),
            value => *place = store_list(&mut self.lists, value, arena, limits),
        }
        true
    }

    #[inline]
    fn position(&self, key: &str, arena: &Arena, limits: &Limits) -> Option<usize> {
        let mut looks_alike = false;
        for (index, slot) in self.slots.iter().enumerate() {
            match slot.key {
                // The same literal, usually: the address decides.
                Text::Static(known) if std::ptr::eq(known, key) => return Some(index),
                Text::Static(known) => looks_alike |= known.len() == key.len(),
                Text::Copied { .. } => looks_alike = true,
            }
        }
        let most = limits.text_bytes as usize;
        if looks_alike || key.len() > most { self.position_by_text(key, most, arena) } else { None }
    }

    /// Keys are kept as they were cut.
    #[inline(never)]
    fn position_by_text(&self, key: &str, most: usize, arena: &Arena) -> Option<usize> {
        let key = arena::start(key, most);
        self.slots.iter().position(|slot| arena.read(slot.key) == key)
    }

    pub(super) fn iter<'a>(&'a self, arena: &'a Arena) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.slots.iter().map(move |slot| (arena.read(slot.key), self.value(slot.value, arena)))
    }

    fn value<'a>(&'a self, value: Stored, arena: &'a Arena) -> Value<'a> {
        match value {
            Stored::Bool(value) => Value::Bool(value),
            Stored::I64(value) => Value::I64(value),
            Stored::U64(value) => Value::U64(value),
            Stored::F64(value) => Value::F64(value),
            Stored::Text(text) => Value::Text(arena.read(text)),
            Stored::List(list) => self.lists.get(list as usize).map_or(Value::Absent, List::read),
        }
    }

    pub(super) fn for_each_text(&mut self, work: &mut dyn FnMut(&mut Text)) {
        for slot in &mut self.slots {
            work(&mut slot.key);
            if let Stored::Text(text) = &mut slot.value {
                work(text);
            }
        }
    }

    /// In bytes.
    #[inline]
    pub(super) fn weight(&self) -> usize {
        let slots = self.slots.len() * size_of::<Slot>();
        if self.lists.is_empty() { slots } else { slots + self.lists.iter().map(List::weight).sum::<usize>() }
    }

    pub(super) fn reset(&mut self) {
        self.slots.clear();
        self.slots.shrink_to(KEPT);
        self.lists = Vec::new();
    }
}

/// A list in the place of a list; false when the value is none.
#[cold]
fn replace_list(lists: &mut [List], list: u32, value: Value<'_>, arena: &mut Arena, limits: &Limits) -> bool {
    let new = List::new(value, arena, limits);
    let kept = new.is_some();
    lists[list as usize] = new.unwrap_or(List::Bytes(Vec::new()));
    kept
}

#[cold]
fn store_list(lists: &mut Vec<List>, value: Value<'_>, arena: &mut Arena, limits: &Limits) -> Stored {
    let Some(list) = List::new(value, arena, limits) else {
        // A kind of value that this version does not know is kept as it shows itself.
        let text = value.to_string();
        return Stored::Text(arena.keep(Name::Copied(&text), limits));
    };
    lists.push(list);
    Stored::List(u32::try_from(lists.len() - 1).unwrap_or(u32::MAX))
}

impl List {
    fn new(value: Value<'_>, arena: &mut Arena, limits: &Limits) -> Option<Self> {
        let most = limits.list_items;
        Some(match value {
            Value::Bytes(bytes) => List::Bytes(arena.cut_list(bytes, limits.text_bytes).to_vec()),
            Value::Bools(list) => List::Bools(arena.cut_list(list, most).to_vec()),
            Value::I64s(list) => List::I64s(arena.cut_list(list, most).to_vec()),
            Value::F64s(list) => List::F64s(arena.cut_list(list, most).to_vec()),
            Value::Texts(texts) => List::Texts(cut_texts(texts, arena, limits)),
            _ => return None,
        })
    }

    fn read(&self) -> Value<'_> {
        match self {
            List::Bytes(list) => Value::Bytes(list),
            List::Bools(list) => Value::Bools(list),
            List::I64s(list) => Value::I64s(list),
            List::F64s(list) => Value::F64s(list),
            List::Texts(list) => Value::from(list),
        }
    }

    fn weight(&self) -> usize {
        size_of::<List>()
            + match self {
                List::Bytes(list) => list.len(),
                List::Bools(list) => list.len(),
                List::I64s(list) => size_of_val(&**list),
                List::F64s(list) => size_of_val(&**list),
                List::Texts(list) => list.iter().map(|text| size_of::<String>() + text.len()).sum(),
            }
    }
}

/// All texts of a list together are as long as one text may be.
fn cut_texts(texts: Texts<'_>, arena: &mut Arena, limits: &Limits) -> Vec<String> {
    let mut left = limits.text_bytes as usize;
    let most = limits.list_items as usize;
    if texts.len() > most {
        arena.count_cut();
    }
    let mut keep = |text| {
        let kept = arena.cut_to(text, left);
        left -= kept.len();
        kept.to_owned()
    };
    texts.iter().take(most).map(&mut keep).collect()
}
