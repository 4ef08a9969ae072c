//! Where a live span keeps its record: shared while it is open, and handed over exactly once.
//!
//! The owner's end and what references say at the same moment meet here, so this file is model-checked
//! (`tests/model`).

use crate::sync::Mutex;

/// A place for one `T`, empty once it was handed over.
#[derive(Debug)]
pub(crate) struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    pub(crate) fn new(value: T) -> Self {
        Slot(Mutex::new(Some(value)))
    }

    /// Does `work` with what is inside; false when it was handed over.
    #[inline]
    pub(crate) fn with(&self, work: impl FnOnce(&mut T)) -> bool {
        match &mut *self.0.lock() {
            Some(inside) => {
                work(inside);
                true
            }
            None => false,
        }
    }

    /// Asks `work` about what is inside; false too when it was handed over.
    #[inline]
    pub(crate) fn is(&self, work: impl FnOnce(&mut T) -> bool) -> bool {
        self.0.lock().as_mut().is_some_and(work)
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
