//! Backends, and how applications choose one.

mod ext;
mod flush;
mod global;
mod handle;

use std::{sync::Arc, time::Duration};

use crate::{Context, Entered, Extracted, Operation, SpanRef, StartedSpan, TextMapReader, TextMapWriter};

pub(crate) use self::global::{in_use, installed, now_in_use};
pub use self::{
    ext::TracerExt,
    flush::{Dropped, FlushError, FlushFuture, Flushed, ShutdownGuard},
    global::{InstallError, install, tracer},
    handle::TracerHandle,
};

/// What is called when a flush or shutdown is over, once.
pub type Done = Box<dyn FnOnce(Flushed) + Send>;

/// A backend.
///
/// It holds only what a backend alone can do, and is object safe. Those who make spans use [`TracerExt`], a
/// [`TracerHandle`] or the crate's free functions. No method may panic or wait for a network.
///
/// # Implementing one
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{
///     Context, Done, Extracted, Flushed, Operation, StartedSpan, TextMapReader, TextMapWriter, Tracer, TracerExt,
/// };
///
/// /// Says what is started, and records nothing.
/// struct Loud;
///
/// impl Tracer for Loud {
///     fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
///         println!("start {}", operation.name);
///         StartedSpan::new(parent.cloned().unwrap_or_default(), None)
///     }
///     fn inject(&self, _: &Context, _: &mut dyn TextMapWriter) {}
///     fn extract(&self, _: &dyn TextMapReader) -> Extracted {
///         Extracted::default()
///     }
///     fn flush(&self, _: Duration, done: Done) {
///         done(Flushed::default());
///     }
///     fn shutdown(&self, timeout: Duration, done: Done) {
///         self.flush(timeout, done);
///     }
/// }
///
/// Loud.start_trace("load").run(|| { /* … */ });
/// ```
pub trait Tracer: Send + Sync {
    /// Starts a span beneath `parent`. A parent without ids, or none, starts a trace; its baggage and its wish about
    /// sampling still hold.
    ///
    /// Where the span is not recorded, the result has no live span, and its context is the one that whatever is
    /// downstream belongs to: the parent's, where there is one.
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan;

    /// Writes `context` into `carrier`, in the tracer's wire formats and in place of what was there.
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// What `carrier` holds, as far as the tracer's wire formats can read it.
    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted;

    /// Delivers what has finished so far. `done` is called exactly once, about when `timeout` is over at the latest,
    /// from any thread, perhaps before this returns.
    fn flush(&self, timeout: Duration, done: Done);

    /// Delivers what has finished so far, and nothing from then on. Otherwise as [`flush`](Self::flush); again, it
    /// changes nothing.
    fn shutdown(&self, timeout: Duration, done: Done);

    /// What is current in the backend's own context, where it keeps one. Asked when no span of this API is. Whoever
    /// drops it ends nothing.
    fn native_current(&self) -> Option<SpanRef> {
        None
    }

    /// Tracing is suppressed on this thread from now on. A backend with a context of its own suppresses it there too,
    /// and returns a token for it. Asked of the tracer in force.
    fn enter_suppressed(&self) -> Entered {
        Entered::NOTHING
    }

    /// It is no longer suppressed where `entered` was returned: on the same thread, in whatever order. Not called for
    /// [`Entered::NOTHING`].
    fn leave_suppressed(&self, entered: Entered) {
        let _ = entered;
    }
}

macro_rules! forwarded {
    ($($pointer:ty)*) => { $(
        #[deny(clippy::missing_trait_methods)]
        impl<T: Tracer + ?Sized> Tracer for $pointer {
            fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
                (**self).start(operation, parent)
            }
            fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
                (**self).inject(context, carrier);
            }
            fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
                (**self).extract(carrier)
            }
            fn flush(&self, timeout: Duration, done: Done) {
                (**self).flush(timeout, done);
            }
            fn shutdown(&self, timeout: Duration, done: Done) {
                (**self).shutdown(timeout, done);
            }
            fn native_current(&self) -> Option<SpanRef> {
                (**self).native_current()
            }
            fn enter_suppressed(&self) -> Entered {
                (**self).enter_suppressed()
            }
            fn leave_suppressed(&self, entered: Entered) {
                (**self).leave_suppressed(entered);
            }
        }
    )* };
}
forwarded!(&T Box<T> Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_object() {
        fn object(_: &dyn Tracer) {}
        object(&Box::new(TracerHandle::none()));
    }
}
