//! A tracer to hold and pass around.

use std::{fmt, sync::Arc};

use super::Tracer;

/// A handle to any tracer. Clones, is `Send + Sync`, and is a [`Tracer`] itself.
///
/// [`tracer`](crate::tracer) returns a late-bound handle: one that looks up the current tracer at each call. The inherent methods are those of
/// [`TracerExt`](crate::TracerExt), without an import.
///
/// ```
/// use anytrace_api::TracerHandle;
///
/// let tracer = TracerHandle::none();
/// assert!(!tracer.start_trace("load").is_recording());
/// ```
#[derive(Clone)]
pub struct TracerHandle(Target);

#[derive(Clone)]
enum Target {
    /// The tracer that is current where the handle is used.
    Late,
    Fixed(Arc<dyn Tracer>),
    None,
}

impl TracerHandle {
    /// Creates a handle to `tracer`.
    ///
    /// ```
    /// use anytrace_api::{TracerHandle, tracer};
    ///
    /// let handle = TracerHandle::new(tracer());
    /// assert!(!handle.start_trace("load").is_recording());
    /// ```
    pub fn new(tracer: impl Tracer + 'static) -> Self {
        TracerHandle(Target::Fixed(Arc::new(tracer)))
    }

    /// Creates a handle to no tracer. In a scope it turns tracing off.
    ///
    /// ```
    /// use anytrace_api::{self as trace, TracerHandle};
    ///
    /// trace::with_tracer(&TracerHandle::none(), || assert!(trace::start_span("load").is_none()));
    /// ```
    pub const fn none() -> Self {
        TracerHandle(Target::None)
    }

    #[allow(dead_code, reason = "used by the layer above")]
    pub(crate) const fn late() -> Self {
        TracerHandle(Target::Late)
    }

    #[allow(dead_code, reason = "used by the layer above")]
    pub(crate) fn is_late(&self) -> bool {
        matches!(self.0, Target::Late)
    }

    /// Returns the tracer of a handle that is not late-bound.
    #[allow(dead_code, reason = "used by the layer above")]
    #[inline]
    pub(crate) fn resolved(&self) -> Option<&dyn Tracer> {
        match &self.0 {
            Target::Fixed(tracer) => Some(&**tracer),
            Target::Late | Target::None => None,
        }
    }
}

impl From<Arc<dyn Tracer>> for TracerHandle {
    fn from(tracer: Arc<dyn Tracer>) -> Self {
        TracerHandle(Target::Fixed(tracer))
    }
}

impl fmt::Debug for TracerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Target::Late => "TracerHandle(the current tracer)",
            Target::Fixed(_) => "TracerHandle(a tracer)",
            Target::None => "TracerHandle(none)",
        })
    }
}
