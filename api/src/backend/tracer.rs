//! The trait that every backend implements.

use std::{sync::Arc, time::Duration};

use super::{NativeContext, flush::Done, reference::SpanRef, started::StartedSpan};
use crate::model::{Context, Extracted, Operation, TextMapReader, TextMapWriter};

/// A backend: starts spans, and reads and writes wire formats.
///
/// Only methods that a backend alone can implement are here. Code that starts spans uses the free functions of the crate,
/// [`TracerExt`](crate::TracerExt) or a [`TracerHandle`](crate::TracerHandle). No method may panic or wait for a network.
///
/// # Implementing a backend
///
/// ```
/// use anytrace_api::{
///     Context, Operation, Sampling, StartedSpan, TracerExt,
///     backend::Tracer,
///     flush::{Done, Flushed},
///     propagation::{Extracted, Propagator, TextMapReader, TextMapWriter, W3C},
/// };
/// use std::time::Duration;
///
/// /// Prints the name of each span, and records nothing.
/// struct Printing;
///
/// impl Tracer for Printing {
///     fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
///         println!("start {}", operation.name);
///         let parent = parent.unwrap_or(&Context::EMPTY);
///         StartedSpan::new(parent.decided(Sampling::Drop), None)
///     }
///     fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
///         W3C.inject(context, carrier);
///     }
///     fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
///         Extracted::read(&W3C, carrier)
///     }
///     fn flush(&self, _: Duration, done: Done) {
///         done(Flushed::default());
///     }
///     fn shutdown(&self, timeout: Duration, done: Done) {
///         self.flush(timeout, done);
///     }
/// }
///
/// Printing.start_trace("load").run(|| { /* … */ });
/// ```
///
/// The crate `anytrace-conformance` checks a backend against every rule of this API.
pub trait Tracer: Send + Sync {
    /// Starts a span beneath `parent`. A parent without ids, or no parent, starts a trace; the baggage and the sampling
    /// decision of such a parent still apply.
    ///
    /// The backend records the data of `operation`: the name, the kind, the tags, the links, the start time and the
    /// instrumentation scope. No setter is called for them. The backend chooses the ids; [`Context::child`] and
    /// [`Context::root`] build the context of the new span from the ids and the parent.
    ///
    /// If the span is not recorded, the result has no live span, and the context of the parent
    /// ([`Context::decided`]), so that downstream services continue the trace of the parent.
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan;

    /// Writes `context` into `carrier` in the tracer's wire formats, and replaces headers that exist.
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// Reads a context from `carrier` in the tracer's wire formats.
    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted;

    /// Exports the spans that have ended so far. Calls `done` exactly once, no later than shortly after `timeout`, from any
    /// thread, possibly before this method returns.
    fn flush(&self, timeout: Duration, done: Done);

    /// Exports the spans that have ended so far, and stops: spans that end later are dropped. Otherwise like
    /// [`flush`](Self::flush). A second call changes nothing.
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
