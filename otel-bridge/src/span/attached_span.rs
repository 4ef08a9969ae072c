//! A recorded span that OpenTelemetry contexts contain.

use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::{Context as OtelContext, trace::TraceContextExt};

use super::{buffered_attributes::BufferedAttributes, span_writer::SpanWriter};

/// The shared part of an attached span: every [`LocalSpan`](super::local_span::LocalSpan) for it has the same one, also
/// those for references that were found in a context.
pub(super) struct AttachedSpan {
    /// A context whose active span is this one.
    pub(super) native: OtelContext,
    /// `None` once the span has ended.
    attributes: Mutex<Option<BufferedAttributes>>,
}

impl AttachedSpan {
    pub(super) fn new(native: OtelContext, attributes: Option<BufferedAttributes>) -> Self {
        AttachedSpan { native, attributes: Mutex::new(attributes) }
    }

    /// Calls `change` with the buffered attributes; returns `None` if the span has ended.
    #[inline]
    pub(super) fn with_attributes<R>(&self, change: impl FnOnce(&mut BufferedAttributes) -> R) -> Option<R> {
        lock(&self.attributes).as_mut().map(change)
    }

    /// Calls `write` with OpenTelemetry's span; returns `None` if the span has ended.
    #[inline]
    pub(super) fn with_writer<R>(&self, write: impl FnOnce(SpanWriter<'_>) -> R) -> Option<R> {
        // The lock is released first, because `write` runs code of the provider.
        let is_live = lock(&self.attributes).is_some();
        is_live.then(|| write(SpanWriter::Attached(self.native.span())))
    }

    /// Marks the span as ended and returns its buffered attributes; `None` if it has ended before.
    #[inline]
    pub(super) fn take_attributes(&self) -> Option<BufferedAttributes> {
        lock(&self.attributes).take()
    }
}

/// Locks `mutex`, also after a panic of another holder.
#[inline]
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
