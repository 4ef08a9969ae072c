//! Where a live span keeps its record: shared while it is open, and handed over exactly once.
//!
//! The owner's end and what references say at the same moment meet here, so this file is model-checked
//! (`tests/model`).

use crate::sync::{Mutex, MutexGuard};

/// A place for one `T`, empty once it was handed over.
#[derive(Debug)]
pub(crate) struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    pub(crate) fn new(value: T) -> Self {
        Slot(Mutex::new(Some(value)))
    }

    /// What is inside, for oneself; none when it was handed over.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock()
    }

    /// Hands it over, once.
    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().take()
    }

    /// The inside, for whoever is alone with it.
    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut Option<T> {
        self.0.get_mut()
    }
}
