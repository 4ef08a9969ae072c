//! Key/value pairs that travel with the trace.

use crate::{LimitError, LimitKind};

/// Key/value pairs that travel in-band to whatever starts later, in this process and beyond.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage {
    items: Vec<(Box<str>, Box<str>)>,
}

impl Baggage {
    /// None at all.
    pub const fn new() -> Self {
        Baggage { items: Vec::new() }
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.items.iter().find(|item| &*item.0 == key).map(|item| &*item.1)
    }

    /// Sets or replaces.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        if key.contains(' ') {
            return Err(LimitError::new("baggage", LimitKind::Key, key));
        }
        self.remove(key);
        self.items.push((key.into(), value.into()));
        Ok(())
    }

    /// Removes; true if it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.items.len();
        self.items.retain(|item| &*item.0 != key);
        before != self.items.len()
    }

    /// In the order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.items.iter().map(|item| (&*item.0, &*item.1))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// None?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
