//! Replaces the module `sync` of the crates that the included files belong to.

#[cfg(loom)]
pub(crate) use {
    loom::{
        sync::{
            Arc, MutexGuard,
            atomic::{AtomicU64, AtomicUsize, Ordering},
        },
        thread,
    },
    with_loom::{Mutex, OnceLock},
};
#[cfg(not(loom))]
pub(crate) use {
    parking_lot::{Mutex, MutexGuard},
    std::{
        sync::{
            Arc, OnceLock,
            atomic::{AtomicU64, AtomicUsize, Ordering},
        },
        thread,
    },
};

#[cfg(loom)]
mod with_loom {
    use loom::sync::MutexGuard;

    /// Loom's mutex with the methods of `parking_lot`'s.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Mutex(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().expect("no thread panics in a model")
        }

        pub(crate) fn get_mut(&mut self) -> &mut T {
            self.0.get_mut().expect("no thread panics in a model")
        }
    }

    /// Loom has no `OnceLock`: here each call is one step of a model.
    #[derive(Debug)]
    pub(crate) struct OnceLock<T> {
        step: loom::sync::Mutex<()>,
        cell: std::sync::OnceLock<T>,
    }

    impl<T> Default for OnceLock<T> {
        fn default() -> Self {
            OnceLock::new()
        }
    }

    impl<T> OnceLock<T> {
        pub(crate) fn new() -> Self {
            OnceLock { step: loom::sync::Mutex::new(()), cell: std::sync::OnceLock::new() }
        }

        pub(crate) fn get(&self) -> Option<&T> {
            let _step = self.step.lock();
            self.cell.get()
        }

        pub(crate) fn set(&self, value: T) -> Result<(), T> {
            let _step = self.step.lock();
            self.cell.set(value)
        }
    }
}
