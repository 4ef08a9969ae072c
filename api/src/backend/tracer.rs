//! The trait that every backend implements.

use std::{sync::Arc, time::Duration};

use super::{NativeContext, flush::Done, reference::SpanRef, started::StartedSpan};
use crate::model::{Context, Extracted, Operation, TextMapReader, TextMapWriter};

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
///     Context, Operation, StartedSpan, TracerExt,
///     backend::Tracer,
///     flush::{Done, Flushed},
///     propagation::{Extracted, TextMapReader, TextMapWriter},
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

    /// Returns the tracer's native context, if the backend has one.
    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        None
    }

    /// Returns `found`, a span that was found in this tracer's native context. A tracer that wraps another tracer wraps
    /// `found` in the same way, so that its children pass through the wrapper; every other tracer keeps the default.
    fn adopt(&self, found: SpanRef) -> SpanRef {
        found
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
            fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
                (**self).native_context()
            }
            fn adopt(&self, found: SpanRef) -> SpanRef {
                (**self).adopt(found)
            }
        }
    )* };
}
forwarded!(&T Box<T> Arc<T>);
