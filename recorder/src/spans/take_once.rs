//! A value that several threads write to until one of them takes it.
//!
//! The owner that ends a span and the references that write to it at the same moment meet here, so this file is
//! model-checked (`tests/model`).

use crate::sync::{Mutex, MutexGuard};

/// A value behind a lock that can be taken once; empty afterwards.
#[derive(Debug)]
pub(crate) struct TakeOnce<T>(Mutex<Option<T>>);

impl<T> TakeOnce<T> {
    pub(crate) fn new(value: T) -> Self {
        TakeOnce(Mutex::new(Some(value)))
    }

    /// Locks the value, which is `None` after it was taken.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock()
    }

    /// Takes the value. Returns `None` if it was taken before.
    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().take()
    }

    /// Returns the value without a lock, for a caller that has the only reference.
    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut Option<T> {
        self.0.get_mut()
    }
}
