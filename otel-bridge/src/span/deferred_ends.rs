//! Ends of spans that cannot reach OpenTelemetry on the thread where they happen.
//!
//! While a thread ends, its thread-locals are destroyed one after the other, and the SDK must not be called any more:
//! its simple processor waits for an export with a thread-local that may be destroyed; then it panics and exports no
//! span from then on. A span that ends there, such as one that was stored in a thread-local, is therefore deferred
//! until the next call on a live thread.

use std::{
    mem,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use opentelemetry::{Context as OtelContext, trace::TraceContextExt};

use super::{attached_span::lock, buffered_attributes::BufferedAttributes, span_writer::SpanWriter};
use crate::panics::catch_panic;

/// The end of an attached span, with everything that OpenTelemetry's span must receive.
pub(super) struct SpanEnd {
    pub(super) native: OtelContext,
    pub(super) attributes: BufferedAttributes,
    pub(super) at: SystemTime,
}

/// Writes the buffered attributes to the active span of `native` and ends that span.
pub(super) fn end_attached(native: &OtelContext, attributes: &mut BufferedAttributes, at: SystemTime) {
    catch_panic(|| {
        attributes.write_to(&mut SpanWriter::Attached(native.span()));
        native.span().end_with_timestamp(at);
    });
}

/// The deferred ends of one tracer.
#[derive(Default)]
pub(crate) struct DeferredEnds {
    has_some: AtomicBool,
    ends: Mutex<Vec<SpanEnd>>,
}

impl DeferredEnds {
    /// Returns true if spans can end on this thread, and then carries out the deferred ends first. If false, the caller
    /// defers its span's end, too.
    #[inline]
    pub(super) fn can_end_here(&self) -> bool {
        let can_end = !thread_is_ending();
        if can_end {
            self.carry_out();
        }
        can_end
    }

    #[cold]
    pub(super) fn defer(&self, end: SpanEnd) {
        lock(&self.ends).push(end);
        self.has_some.store(true, Ordering::Release);
    }

    /// Carries out the deferred ends, unless this thread is ending.
    #[inline]
    pub(crate) fn carry_out(&self) {
        if self.has_some.load(Ordering::Relaxed) {
            self.carry_out_all();
        }
    }

    #[cold]
    fn carry_out_all(&self) {
        if thread_is_ending() || !self.has_some.swap(false, Ordering::Acquire) {
            return;
        }
        let ends = mem::take(&mut *lock(&self.ends));
        for SpanEnd { native, mut attributes, at } in ends {
            end_attached(&native, &mut attributes, at);
            catch_panic(|| drop(native));
        }
    }
}

/// A value with a destructor, so that access to its thread-local fails once the thread-local is destroyed.
struct ThreadMarker;

impl Drop for ThreadMarker {
    fn drop(&mut self) {}
}

/// Returns true if this thread has begun to destroy its thread-locals.
///
/// Thread-locals are destroyed in the reverse order of their first use. The marker is used only here, just before the
/// SDK uses its own thread-locals, so a span that outlives those of the SDK finds the marker destroyed.
#[inline]
fn thread_is_ending() -> bool {
    thread_local!(static MARKER: ThreadMarker = const { ThreadMarker });
    MARKER.try_with(|_| ()).is_err()
}
