//! A recorded span, of any provider's type, that no OpenTelemetry context contains.
//!
//! The spans of OpenTelemetry's SDK are large, so each thread keeps one allocation for the next span of the same type.

use std::{any::TypeId, cell::Cell, mem, time::SystemTime};

use anytrace_api::EndReason;
use opentelemetry::{
    Context as OtelContext,
    trace::{Span, SpanContext},
};

use super::{
    buffered_attributes::BufferedAttributes,
    span_writer::{SpanSlot, SpanWriter},
};

thread_local! {
    static SPARE: Cell<Option<DetachedSpan>> = const { Cell::new(None) };
}

/// An OpenTelemetry span with its buffered attributes. The slot is empty once the span has ended or is attached.
pub(crate) struct DetachedSpan(Box<Allocation<dyn SpanSlot>>);

struct Allocation<S: ?Sized> {
    attributes: BufferedAttributes,
    slot: S,
}

impl DetachedSpan {
    /// Starts a span with `start`. If the span is not recorded, returns only its context.
    ///
    /// The span is constructed in its final location: a return value, or a look at the span before, would copy a large
    /// value again.
    #[inline]
    pub(super) fn start<S: Span + Send + Sync + 'static>(
        start: impl FnOnce() -> S,
    ) -> Result<Self, SpanContext> {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let mut detached = match spare.filter(|spare| spare.0.slot.is_for(TypeId::of::<S>())) {
            Some(spare) => spare,
            None => DetachedSpan(Box::new(Allocation {
                attributes: BufferedAttributes::default(),
                slot: None::<S>,
            })),
        };
        // The downcast always succeeds. A single call of `start` for both arms above lets the compiler inline it here.
        let slot = detached.0.slot.as_any().downcast_mut::<Option<S>>();
        let Some(slot) = slot else { return Err(SpanContext::NONE) };
        let span = slot.get_or_insert_with(start);
        if span.is_recording() {
            return Ok(detached);
        }
        let context = span.span_context().clone();
        *slot = None;
        detached.recycle();
        Err(context)
    }

    #[inline]
    pub(super) fn attributes(&mut self) -> &mut BufferedAttributes {
        &mut self.0.attributes
    }

    #[inline]
    pub(super) fn span_context(&self) -> Option<&SpanContext> {
        self.0.slot.span_context()
    }

    #[inline]
    pub(super) fn writer(&mut self) -> SpanWriter<'_> {
        SpanWriter::Detached(&mut self.0.slot)
    }

    /// Writes the buffered attributes, ends the span and drops it.
    #[inline]
    pub(super) fn end(&mut self, reason: EndReason, at: SystemTime) {
        let Allocation { attributes, slot } = &mut *self.0;
        attributes.set_end_reason(reason);
        attributes.write_to(&mut SpanWriter::Detached(slot));
        slot.end(at);
    }

    /// Moves the span into a copy of `base`, and returns this context and the buffered attributes.
    pub(super) fn attach(mut self, base: &OtelContext) -> Option<(OtelContext, BufferedAttributes)> {
        let native = self.0.slot.attach(base)?;
        let attributes = mem::take(&mut self.0.attributes);
        self.recycle();
        Some((native, attributes))
    }

    /// Keeps the allocation, which must be empty, for the next span on this thread.
    #[inline]
    pub(super) fn recycle(self) {
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
    }
}
