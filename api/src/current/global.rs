//! The tracer of the process.

use std::{
    any::Any,
    error::Error,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{Tracer, TracerHandle, active};

static INSTALLED: OnceLock<Arc<dyn Tracer>> = OnceLock::new();

/// Whether anything was ever installed, scoped or entered. Until then every verb is one load and a branch.
static IN_USE: AtomicBool = AtomicBool::new(false);

#[inline]
pub(crate) fn in_use() -> bool {
    IN_USE.load(Ordering::Relaxed)
}

#[inline]
pub(crate) fn now_in_use() {
    if !in_use() {
        IN_USE.store(true, Ordering::Relaxed);
    }
}

#[inline]
pub(crate) fn installed() -> Option<&'static Arc<dyn Tracer>> {
    INSTALLED.get()
}

/// Makes `tracer` the tracer of the process: once, at its start. Tests use [`with_tracer`](crate::with_tracer)
/// instead, and whoever wants to change the tracer later installs one that can be switched.
///
/// # Errors
///
/// When another tracer is installed already, or `tracer` is a handle to whatever is installed. The tracer is given
/// back.
///
/// ```
/// use anytrace_api::{TracerHandle, install};
///
/// install(TracerHandle::none()).expect("nothing else is installed");
/// let error = install(TracerHandle::none()).unwrap_err();
/// assert_eq!(error.to_string(), "another tracer is installed already");
/// ```
pub fn install<T: Tracer + 'static>(tracer: T) -> Result<(), InstallError<T>> {
    let itself = (&tracer as &dyn Any).downcast_ref::<TracerHandle>();
    if itself.is_some_and(TracerHandle::is_late) {
        return Err(InstallError { refused: tracer, itself: true });
    }
    let mut offered = Some(tracer);
    INSTALLED.get_or_init(|| match offered.take() {
        Some(tracer) => Arc::new(tracer),
        None => unreachable!("offered once"),
    });
    match offered {
        None => {
            now_in_use();
            Ok(())
        }
        Some(refused) => Err(InstallError { refused, itself: false }),
    }
}

/// The tracer in force here: the scoped one, else the installed one.
///
/// A handle that was taken before [`install`] starts working after it. Libraries that hold a handle take it once;
/// most need none, as the free functions do the same.
///
/// ```
/// use anytrace_api::{TracerHandle, tracer};
///
/// struct Client { tracer: TracerHandle }
///
/// impl Client {
///     fn new() -> Self {
///         Client { tracer: tracer() }
///     }
///     fn call(&self) {
///         self.tracer.start_span("call").run(|| { /* … */ });
///     }
/// }
/// # Client::new().call();
/// ```
pub fn tracer() -> TracerHandle {
    active::scoped_tracer().unwrap_or(TracerHandle::late())
}

/// Another tracer is installed already. The refused one can be had back.
pub struct InstallError<T> {
    refused: T,
    itself: bool,
}

impl<T> InstallError<T> {
    /// The tracer that was not installed.
    pub fn into_refused(self) -> T {
        self.refused
    }
}

impl<T> fmt::Display for InstallError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.itself {
            "a handle to the installed tracer cannot be installed"
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
