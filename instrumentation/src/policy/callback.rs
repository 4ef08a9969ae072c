//! Functions of the application that run within its requests.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::counter::Counter;

/// A function of the application, if it gave one.
pub(crate) struct Callback<F: ?Sized>(Option<Arc<F>>);

impl<F: ?Sized> Callback<F> {
    pub(crate) fn set(&mut self, function: Arc<F>) {
        self.0 = Some(function);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// What the function says to `call`; nothing where there is none, or where it panics, which is counted.
    pub(crate) fn ask<R>(&self, panics: &Counter, call: impl FnOnce(&F) -> R) -> Option<R> {
        let function = self.0.as_deref()?;
        // It sees nothing of ours by a mutable reference but headers, whose every state is a good one.
        catch_unwind(AssertUnwindSafe(|| call(function))).inspect_err(|_| panics.add(1)).ok()
    }
}

impl<F: ?Sized> Clone for Callback<F> {
    fn clone(&self) -> Self {
        Callback(self.0.clone())
    }
}

impl<F: ?Sized> Default for Callback<F> {
    fn default() -> Self {
        Callback(None)
    }
}

impl<F: ?Sized> fmt::Debug for Callback<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "set" } else { "not set" })
    }
}
