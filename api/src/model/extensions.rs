//! Extensions of a context: values that travel with the context within this process and are never sent.

use std::{any::Any, fmt, sync::Arc};

/// At most one value of each type. A `Vec`, because there are rarely more than two values.
#[derive(Clone, Default)]
pub(crate) struct Extensions(Vec<Arc<dyn Any + Send + Sync>>);

impl Extensions {
    pub(crate) const fn new() -> Self {
        Extensions(Vec::new())
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let found = self.0.iter().find(|extension| (***extension).is::<T>())?;
        found.clone().downcast().ok()
    }

    pub(crate) fn set<T: Any + Send + Sync>(&mut self, value: Arc<T>) {
        match self.0.iter_mut().find(|extension| (***extension).is::<T>()) {
            Some(extension) => *extension = value,
            None => self.0.push(value),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Compares by pointer and ignores the order, because the values need not implement `PartialEq`.
impl PartialEq for Extensions {
    fn eq(&self, other: &Self) -> bool {
        let is_in_other = |own| other.0.iter().any(|extension| Arc::ptr_eq(extension, own));
        self.0.len() == other.0.len() && self.0.iter().all(is_in_other)
    }
}

/// Writes the number of values, because the values need not implement `Debug`.
impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.len().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_value_replaces_an_earlier_one_of_its_type() {
        let mut extensions = Extensions::default();
        extensions.set(Arc::new(1_u8));
        extensions.set(Arc::new("text"));
        extensions.set(Arc::new(2_u8));
        assert_eq!(
            (extensions.get::<u8>().as_deref(), extensions.get::<&str>().as_deref()),
            (Some(&2), Some(&"text"))
        );
        assert!(extensions.get::<u16>().is_none());
    }
}
