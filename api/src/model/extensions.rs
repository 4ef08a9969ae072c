//! What travels with a context within this process, and never leaves it.

use std::{any::Any, fmt, sync::Arc};

/// One value of each type. There are hardly ever more than one or two.
#[derive(Clone, Default)]
pub(crate) struct Extensions(Vec<Arc<dyn Any + Send + Sync>>);

impl Extensions {
    pub(crate) const fn new() -> Self {
        Extensions(Vec::new())
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let found = self.0.iter().find(|local| (***local).is::<T>())?;
        found.clone().downcast().ok()
    }

    pub(crate) fn set<T: Any + Send + Sync>(&mut self, value: Arc<T>) {
        match self.0.iter_mut().find(|local| (***local).is::<T>()) {
            Some(local) => *local = value,
            None => self.0.push(value),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Equal when they are the same values, in whatever order they came.
impl PartialEq for Extensions {
    fn eq(&self, other: &Self) -> bool {
        let has = |local| other.0.iter().any(|known| Arc::ptr_eq(known, local));
        self.0.len() == other.0.len() && self.0.iter().all(has)
    }
}

/// How many there are: they cannot be shown.
impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.len().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_of_each_type() {
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
