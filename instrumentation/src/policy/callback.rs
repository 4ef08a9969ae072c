//! [`Callback`]: an optional function of the application, with panics caught and counted.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::shared_counter::SharedCounter;

/// An optional function of the application.
pub(crate) struct Callback<F: ?Sized>(Option<Arc<F>>);

impl<F: ?Sized> Callback<F> {
    pub(crate) fn set(&mut self, function: Arc<F>) {
        self.0 = Some(function);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Passes the function to `call` and returns the result of `call`.
    ///
    /// Returns `None` if no function is set or if it panics. A panic is counted in `panics`.
    pub(crate) fn call<R>(&self, panics: &SharedCounter, call: impl FnOnce(&F) -> R) -> Option<R> {
        let function = self.0.as_deref()?;
        // Callbacks can only mutate headers, and a header map is valid after every operation.
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
