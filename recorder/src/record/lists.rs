//! Tag values that are lists. They are rare, so each has an allocation of its own.

use anytrace_api::{Value, data::Texts};

use super::{arena::Arena, limits::Limits};

impl Arena {
    /// Stores a list and returns its index, or `None` if the value is not a list.
    #[cold]
    pub(super) fn add_list(&mut self, value: &Value<'_>, limits: &Limits) -> Option<u32> {
        let index = u32::try_from(self.lists.len()).ok()?;
        let list = List::new(*value, self, limits)?;
        self.count_held(list.weight(), 0);
        self.lists.push(list);
        Some(index)
    }

    /// Replaces a list by another one. If the value is not a list, empties the list and returns false.
    #[cold]
    pub(super) fn replace_list(&mut self, index: u32, value: &Value<'_>, limits: &Limits) -> bool {
        let new = List::new(*value, self, limits);
        let is_list = new.is_some();
        if let Some(list) = self.lists.get_mut(index as usize) {
            let old = std::mem::replace(list, new.unwrap_or(List::Bytes(Vec::new())));
            let weights = (list.weight(), old.weight());
            self.count_held(weights.0, weights.1);
        }
        is_list
    }

    pub(super) fn read_list(&self, index: u32) -> Value<'_> {
        self.lists.get(index as usize).map_or(Value::Absent, List::read)
    }
}

/// A tag value that is a list.
#[derive(Clone, Debug)]
pub(super) enum List {
    Bytes(Vec<u8>),
    Bools(Vec<bool>),
    I64s(Vec<i64>),
    F64s(Vec<f64>),
    Texts(Vec<String>),
}

impl List {
    fn new(value: Value<'_>, arena: &mut Arena, limits: &Limits) -> Option<Self> {
        let max_items = limits.list_items;
        Some(match value {
            Value::Bytes(bytes) => List::Bytes(arena.cut_list(bytes, limits.text_bytes).to_vec()),
            Value::Bools(list) => List::Bools(arena.cut_list(list, max_items).to_vec()),
            Value::I64s(list) => List::I64s(arena.cut_list(list, max_items).to_vec()),
            Value::F64s(list) => List::F64s(arena.cut_list(list, max_items).to_vec()),
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

    /// Returns the memory that the list takes, in bytes.
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

/// Copies a list of texts, which together may be as long as one text.
fn cut_texts(texts: Texts<'_>, arena: &mut Arena, limits: &Limits) -> Vec<String> {
    let mut left = limits.text_bytes as usize;
    let max_items = limits.list_items as usize;
    if texts.len() > max_items {
        arena.count_cut();
    }
    let mut copy = |text| {
        let copied = arena.cut_to(text, left);
        left -= copied.len();
        copied.to_owned()
    };
    texts.iter().take(max_items).map(&mut copy).collect()
}
