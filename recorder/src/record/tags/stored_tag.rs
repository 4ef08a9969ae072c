//! A tag as it is stored in a record. It has no destructor: text and lists are in the arena.

use anytrace_api::{Name, Value};

use crate::record::{
    arena::{Arena, Text},
    limits::Limits,
};

#[derive(Clone, Copy, Debug)]
pub(super) struct StoredTag {
    pub(super) key: Text,
    pub(super) value: StoredValue,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum StoredValue {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Static(&'static str),
    Copied(Text),
    /// The index of the list in the arena.
    List(u32),
}

impl StoredTag {
    pub(super) const EMPTY: Self = StoredTag { key: Text::EMPTY, value: StoredValue::Bool(false) };

    /// Stores a tag. The value is not [`Value::Absent`].
    #[inline]
    pub(super) fn set(&mut self, key: &Name<'_>, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        self.key = arena.store(*key, limits);
        if !self.value.write_fast(value, limits) {
            self.value.write(value, arena, limits);
        }
    }

    /// Stores a tag without the arena. Returns false if the key is too long or the value needs the arena.
    #[allow(clippy::inline_always, reason = "the hot part of its callers")]
    #[inline(always)]
    pub(super) fn set_fast(&mut self, key: &'static str, value: &Value<'_>, limits: &Limits) -> bool {
        if key.len() > limits.text_bytes as usize || !self.value.write_fast(value, limits) {
            return false;
        }
        self.key = Text::Static(key);
        true
    }

    /// Replaces the value without the arena. Returns false if the key is another one or a value needs the arena.
    #[allow(clippy::inline_always, reason = "the hot part of its caller")]
    #[inline(always)]
    pub(super) fn replace_fast(&mut self, key: &'static str, value: &Value<'_>, limits: &Limits) -> bool {
        self.key.is_literal(key) && !self.value.uses_arena() && self.value.write_fast(value, limits)
    }

    #[inline]
    pub(super) fn has_key(&self, key: &str, arena: &Arena) -> bool {
        arena.read(self.key) == key
    }

    pub(super) fn read<'a>(&self, arena: &'a Arena) -> (&'a str, Value<'a>) {
        let value = match self.value {
            StoredValue::Bool(value) => Value::Bool(value),
            StoredValue::I64(value) => Value::I64(value),
            StoredValue::U64(value) => Value::U64(value),
            StoredValue::F64(value) => Value::F64(value),
            StoredValue::Static(text) => Value::Copied(text),
            StoredValue::Copied(text) => Value::Copied(arena.read(text)),
            StoredValue::List(list) => arena.read_list(list),
        };
        (arena.read(self.key), value)
    }

    pub(super) fn for_each_text(&mut self, visit: &mut dyn FnMut(&mut Text)) {
        visit(&mut self.key);
        if let StoredValue::Copied(text) = &mut self.value {
            visit(text);
        }
    }
}

impl StoredValue {
    /// Writes a value of a common kind that needs no arena. Returns false for other values.
    ///
    /// Each kind is written in place. A value that is built elsewhere and copied would be read again before its partial
    /// writes have left the store buffer, which stalls store forwarding.
    #[allow(clippy::inline_always, reason = "the hot part of its callers")]
    #[inline(always)]
    pub(super) fn write_fast(&mut self, value: &Value<'_>, limits: &Limits) -> bool {
        if let Value::Static(text) = *value {
            if text.len() > limits.text_bytes as usize {
                return false;
            }
            *self = StoredValue::Static(text);
        } else if let Value::I64(value) = *value {
            *self = StoredValue::I64(value);
        } else if let Value::Bool(value) = *value {
            *self = StoredValue::Bool(value);
        } else {
            return false;
        }
        true
    }

    /// Writes a value of any kind but [`Value::Absent`].
    pub(super) fn write(&mut self, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        *self = match *value {
            Value::Copied(text) if text.len() <= limits.text_bytes as usize => {
                StoredValue::Copied(arena.copy(text))
            }
            Value::Bool(value) => StoredValue::Bool(value),
            Value::I64(value) => StoredValue::I64(value),
            Value::U64(value) => StoredValue::U64(value),
            Value::F64(value) => StoredValue::F64(value),
            Value::Static(text) => StoredValue::Copied(arena.store(Name::Static(text), limits)),
            Value::Copied(text) => StoredValue::Copied(arena.store(Name::Copied(text), limits)),
            _ => match arena.add_list(value, limits) {
                Some(list) => StoredValue::List(list),
                // A kind of value that was added to the API later.
                None => StoredValue::Copied(arena.store(Name::Copied(&value.to_string()), limits)),
            },
        }
    }

    /// Returns true if the value is in the arena, which has to know when it is replaced.
    #[inline]
    pub(super) fn uses_arena(&self) -> bool {
        matches!(self, StoredValue::Copied(_) | StoredValue::List(_))
    }

    /// Replaces the value by one of any kind but [`Value::Absent`].
    pub(super) fn replace(&mut self, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        match *self {
            StoredValue::Copied(old) => arena.release(old),
            StoredValue::List(list) if arena.replace_list(list, value, limits) => return,
            _ => {}
        }
        self.write(value, arena, limits);
    }
}
