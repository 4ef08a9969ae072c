//! The installed tracer.

use std::{
    any::Any,
    error::Error,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::backend::{Tracer, handle::TracerHandle};

static INSTALLED: OnceLock<Arc<dyn Tracer>> = OnceLock::new();

/// True once a tracer was installed or anything was made current. Until then each call of this crate costs one load and
/// one branch.
static IN_USE: AtomicBool = AtomicBool::new(false);

#[inline]
pub(super) fn in_use() -> bool {
    IN_USE.load(Ordering::Relaxed)
}

#[inline]
pub(super) fn mark_in_use() {
    if !in_use() {
        IN_USE.store(true, Ordering::Relaxed);
    }
}

#[inline]
pub(super) fn installed() -> Option<&'static Arc<dyn Tracer>> {
    INSTALLED.get()
}

/// Makes `tracer` the tracer of the process. Call this once, when the process starts.
///
/// Handles created before `install` start working once it is called. Tests use [`with_tracer`](crate::with_tracer)
/// instead. To replace the tracer later, install the `Switch` of the crate `anytrace`.
///
/// # Errors
///
/// Fails if another tracer is installed already, or if `tracer` is a late-bound handle from
/// [`tracer`](crate::tracer). The error gives the tracer back.
///
/// ```
/// use anytrace_api::{TracerHandle, install};
///
/// install(TracerHandle::none()).expect("nothing else is installed");
/// let error = install(TracerHandle::none()).unwrap_err();
/// assert_eq!(error.to_string(), "another tracer is installed already");
/// ```
pub fn install<T: Tracer + 'static>(tracer: T) -> Result<(), InstallError<T>> {
    let handle = (&tracer as &dyn Any).downcast_ref::<TracerHandle>();
    if handle.is_some_and(TracerHandle::is_late) {
        return Err(InstallError { refused: tracer, is_late_bound: true });
    }
    let mut offered = Some(tracer);
    INSTALLED.get_or_init(|| match offered.take() {
        Some(tracer) => Arc::new(tracer),
        None => unreachable!("the tracer is offered once"),
    });
    match offered {
        None => {
            mark_in_use();
            Ok(())
        }
        Some(refused) => Err(InstallError { refused, is_late_bound: false }),
    }
}

/// An error that explains why a tracer was not installed, and gives it back. Returned by [`install`].
///
/// ```
/// use anytrace_api::{TracerHandle, install, tracer};
///
/// let error = install(tracer()).unwrap_err();
/// assert_eq!(error.to_string(), "a late-bound handle to the installed tracer cannot be installed");
/// let _tracer: TracerHandle = error.into_refused();
/// ```
pub struct InstallError<T> {
    refused: T,
    is_late_bound: bool,
}

impl<T> InstallError<T> {
    /// Returns the tracer that was not installed.
    pub fn into_refused(self) -> T {
        self.refused
    }
}

impl<T> fmt::Display for InstallError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_late_bound {
            "a late-bound handle to the installed tracer cannot be installed"
        } else {
            "another tracer is installed already"
        })
    }
}

impl<T> fmt::Debug for InstallError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstallError({self})")
    }
}

impl<T> Error for InstallError<T> {}
