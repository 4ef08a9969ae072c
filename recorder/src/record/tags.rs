//! Tags as they are kept: small, and nothing to be destroyed but lists.

use anytrace_api::{Name, Texts, Value};

use super::{
    Cut,
    arena::{Arena, Text},
};

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
    /// Sets or replaces; false when there is no room.
    #[inline]
    pub(super) fn set(
        &mut self,
        key: Name<'_>,
        value: Value<'_>,
        most: u32,
        arena: &mut Arena,
        cut: &mut Cut<'_>,
    ) -> bool {
        if let Value::Absent = value {
            return true;
        }
        if let Some(index) = self.position(key, arena) {
            self.replace(index, value, arena, cut);
            return true;
        }
        if self.slots.len() >= most as usize {
            return false;
        }
        let key = arena.keep(key, cut);
        let value = self.store(value, arena, cut);
        self.slots.push(Slot { key, value });
        true
    }

    #[inline]
    fn position(&self, key: Name<'_>, arena: &Arena) -> Option<usize> {
        let text = key.as_str();
        self.slots.iter().position(|slot| match (slot.key, key) {
            // The same literal, usually: the address decides.
            (Text::Static(known), Name::Static(_)) => same(known, text),
            (known, _) => arena.read(known) == text,
        })
    }

    #[cold]
    fn replace(&mut self, index: usize, value: Value<'_>, arena: &mut Arena, cut: &mut Cut<'_>) {
        let old = self.slots[index].value;
        let new = match (old, value) {
            (Stored::Text(old), Value::Text(text)) => Stored::Text(arena.replace(old, cut.text(text))),
            (Stored::List(list), value) => {
                let new = List::new(value, cut);
                let kept = new.is_some();
                self.lists[list as usize] = new.unwrap_or(List::Bytes(Vec::new()));
                if kept { old } else { self.store(value, arena, cut) }
            }
            (_, value) => {
                if let Stored::Text(old) = old {
                    arena.waste(old);
                }
                self.store(value, arena, cut)
            }
        };
        self.slots[index].value = new;
    }

    #[inline]
    fn store(&mut self, value: Value<'_>, arena: &mut Arena, cut: &mut Cut<'_>) -> Stored {
        match value {
            Value::Bool(value) => Stored::Bool(value),
            Value::I64(value) => Stored::I64(value),
            Value::U64(value) => Stored::U64(value),
            Value::F64(value) => Stored::F64(value),
            Value::Fixed(text) => Stored::Text(Text::Static(cut.text(text))),
            Value::Text(text) => Stored::Text(arena.copy(cut.text(text))),
            value => self.store_list(value, arena, cut),
        }
    }

    #[cold]
    fn store_list(&mut self, value: Value<'_>, arena: &mut Arena, cut: &mut Cut<'_>) -> Stored {
        let Some(list) = List::new(value, cut) else {
            // A kind of value that this version does not know is kept as it shows itself.
            let text = value.to_string();
            return Stored::Text(arena.copy(cut.text(&text)));
        };
        self.lists.push(list);
        Stored::List(u32::try_from(self.lists.len() - 1).unwrap_or(u32::MAX))
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

impl List {
    fn new(value: Value<'_>, cut: &mut Cut<'_>) -> Option<Self> {
        let most = cut.limits.list_items;
        Some(match value {
            Value::Bytes(bytes) => List::Bytes(cut.list(bytes, cut.limits.text_bytes).to_vec()),
            Value::Bools(list) => List::Bools(cut.list(list, most).to_vec()),
            Value::I64s(list) => List::I64s(cut.list(list, most).to_vec()),
            Value::F64s(list) => List::F64s(cut.list(list, most).to_vec()),
            Value::Texts(texts) => List::Texts(cut_texts(texts, cut)),
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
fn cut_texts(texts: Texts<'_>, cut: &mut Cut<'_>) -> Vec<String> {
    let mut left = cut.limits.text_bytes as usize;
    let most = cut.limits.list_items as usize;
    if texts.len() > most {
        *cut.truncated = cut.truncated.saturating_add(1);
    }
    let mut keep = |text| {
        let kept = cut.text_within(text, left);
        left -= kept.len();
        kept.to_owned()
    };
    texts.iter().take(most).map(&mut keep).collect()
}

#[inline]
fn same(known: &str, text: &str) -> bool {
    known.len() == text.len() && (std::ptr::eq(known, text) || known == text)
}
