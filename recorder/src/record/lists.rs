//! Tag values that are lists. They are rare, so each has an allocation of its own.

use anytrace_api::{Value, data::Texts};

use super::{cuts::Cuts, limits::Limits};

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
    pub(super) fn new(value: Value<'_>, cuts: &mut Cuts, limits: &Limits) -> Option<Self> {
        let max_items = limits.list_items;
        Some(match value {
            Value::Bytes(bytes) => List::Bytes(cuts.cut_list(bytes, limits.text_bytes).to_vec()),
            Value::Bools(list) => List::Bools(cuts.cut_list(list, max_items).to_vec()),
            Value::I64s(list) => List::I64s(cuts.cut_list(list, max_items).to_vec()),
            Value::F64s(list) => List::F64s(cuts.cut_list(list, max_items).to_vec()),
            Value::Texts(texts) => List::Texts(cut_texts(texts, cuts, limits)),
            _ => return None,
        })
    }

    pub(super) fn read(&self) -> Value<'_> {
        match self {
            List::Bytes(list) => Value::Bytes(list),
            List::Bools(list) => Value::Bools(list),
            List::I64s(list) => Value::I64s(list),
            List::F64s(list) => Value::F64s(list),
            List::Texts(list) => Value::from(list),
        }
    }

    /// Returns the memory that the list takes, in bytes.
    pub(super) fn weight(&self) -> usize {
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
fn cut_texts(texts: Texts<'_>, cuts: &mut Cuts, limits: &Limits) -> Vec<String> {
    let mut left = limits.text_bytes as usize;
    let max_items = limits.list_items as usize;
    if texts.len() > max_items {
        cuts.count();
    }
    let mut copy = |text| {
        let copied = cuts.cut_text(text, left);
        left -= copied.len();
        copied.to_owned()
    };
    texts.iter().take(max_items).map(&mut copy).collect()
}
