//! One tag as it is kept: nothing in it has to be destroyed.

use anytrace_api::{Name, Value};

use super::arena::{Arena, Text};
use crate::limits::Limits;

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
    Static(&'static str),
    // From here on there is something to be given up with it.
    Copied(Text),
    /// Number of the list.
    List(u32),
}

impl Slot {
    pub(super) const EMPTY: Self = Slot { key: Text::EMPTY, value: Stored::Bool(false) };

    /// Sets a tag of any kind, but for one that is not to be set.
    #[inline]
    pub(super) fn set(&mut self, key: &Name<'_>, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        self.key = arena.keep(*key, limits);
        if !self.value.write(value, limits) {
            self.value.write_rarer(value, arena, limits);
        }
    }

    #[inline]
    pub(super) fn has_key(&self, key: &str, arena: &Arena) -> bool {
        let known = arena.read(self.key);
        // The same literal, usually.
        std::ptr::eq(known, key) || known == key
    }

    pub(super) fn read<'a>(&self, arena: &'a Arena) -> (&'a str, Value<'a>) {
        let value = match self.value {
            Stored::Bool(value) => Value::Bool(value),
            Stored::I64(value) => Value::I64(value),
            Stored::U64(value) => Value::U64(value),
            Stored::F64(value) => Value::F64(value),
            Stored::Static(text) => Value::Copied(text),
            Stored::Copied(text) => Value::Copied(arena.read(text)),
            Stored::List(list) => arena.read_list(list),
        };
        (arena.read(self.key), value)
    }

    pub(super) fn for_each_text(&mut self, work: &mut dyn FnMut(&mut Text)) {
        work(&mut self.key);
        if let Stored::Copied(text) = &mut self.value {
            work(text);
        }
    }
}

impl Stored {
    /// Writes what is usual; false for all else.
    ///
    /// Each kind is written where it stays: put together elsewhere and copied, it would be read before it has been
    /// written out.
    #[allow(clippy::inline_always, reason = "it is the hot part of what calls it")]
    #[inline(always)]
    pub(super) fn write(&mut self, value: &Value<'_>, limits: &Limits) -> bool {
        if let Value::Static(text) = *value {
            if text.len() > limits.text_bytes as usize {
                return false;
            }
            *self = Stored::Static(text);
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
    pub(super) fn write_rarer(&mut self, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        *self = match *value {
            Value::Copied(text) if text.len() <= limits.text_bytes as usize => {
                Stored::Copied(arena.copy(text))
            }
            Value::Bool(value) => Stored::Bool(value),
            Value::I64(value) => Stored::I64(value),
            Value::U64(value) => Stored::U64(value),
            Value::F64(value) => Stored::F64(value),
            Value::Static(text) => Stored::Copied(arena.keep(Name::Static(text), limits)),
            Value::Copied(text) => Stored::Copied(arena.keep(Name::Copied(text), limits)),
            _ => match arena.add_list(value, limits) {
                Some(list) => Stored::List(list),
                // A kind of value that this version does not know is kept as it shows itself.
                None => Stored::Copied(arena.keep(Name::Copied(&value.to_string()), limits)),
            },
        }
    }

    /// Whether there is something to be given up with it.
    #[inline]
    pub(super) fn holds_more(&self) -> bool {
        matches!(self, Stored::Copied(_) | Stored::List(_))
    }

    pub(super) fn replace(&mut self, value: &Value<'_>, arena: &mut Arena, limits: &Limits) {
        match *self {
            Stored::Copied(old) => arena.waste(old),
            Stored::List(list) if arena.replace_list(list, value, limits) => return,
            _ => {}
        }
        self.write_rarer(value, arena, limits);
    }
}
