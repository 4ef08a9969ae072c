//! What is kept of a recorded span of any provider's type while no context has it.
//!
//! The SDK's spans are large. When one has ended, its room is for the next of its type on that thread.

use std::{
    any::{Any, TypeId},
    cell::Cell,
    mem,
    time::SystemTime,
};

use anytrace_api::EndReason;
use opentelemetry::{
    Context as OtelContext, KeyValue,
    global::ObjectSafeSpan,
    trace::{Span, SpanContext, TraceContextExt},
};

use crate::{pending::Pending, recorded::Recorded};

thread_local! {
    static SPARE: Cell<Option<Room>> = const { Cell::new(None) };
}

/// With its span, until that has ended or is shown.
pub(crate) struct Room(Box<Inside<dyn Place>>);

struct Inside<P: ?Sized> {
    pending: Pending,
    place: P,
}

impl Room {
    /// With what `make` makes, if that is recorded; else the context of it.
    ///
    /// It is put there at once, and moved once: returned or looked at before, a large span would be moved again.
    #[inline]
    pub(crate) fn with<S: Span + Send + Sync + 'static>(
        make: impl FnOnce() -> S,
    ) -> Result<Self, SpanContext> {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let mut room = match spare.filter(|room| room.0.place.is_for(TypeId::of::<S>())) {
            Some(room) => room,
            None => Room(Box::new(Inside { pending: Pending::default(), place: None::<S> })),
        };
        // It always is: `make` is said once, so that it is compiled into this.
        let place = room.0.place.as_any().downcast_mut::<Option<S>>();
        let Some(place) = place else { return Err(SpanContext::NONE) };
        let span = place.get_or_insert_with(make);
        if span.is_recording() {
            return Ok(room);
        }
        let context = span.span_context().clone();
        *place = None;
        room.leave();
        Err(context)
    }

    #[inline]
    pub(crate) fn pending(&mut self) -> &mut Pending {
        &mut self.0.pending
    }

    #[inline]
    pub(crate) fn span_context(&self) -> Option<&SpanContext> {
        self.0.place.span_context()
    }

    #[inline]
    pub(crate) fn recorded(&mut self) -> Recorded<'_> {
        Recorded::Alone(&mut self.0.place)
    }

    /// Ends the span, which goes.
    #[inline]
    pub(crate) fn end(&mut self, reason: EndReason, at: SystemTime) {
        let Inside { pending, place } = &mut *self.0;
        pending.end(reason);
        pending.tell(&mut Recorded::Alone(place));
        place.end(at);
    }

    /// `base` with the span, and what is kept back of it.
    pub(crate) fn show(mut self, base: &OtelContext) -> Option<(OtelContext, Pending)> {
        let native = self.0.place.show(base)?;
        let pending = mem::take(&mut self.0.pending);
        self.leave();
        Some((native, pending))
    }

    /// It is for the next, as nothing is in it.
    #[inline]
    pub(crate) fn leave(self) {
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
    }
}

/// An option of a span, of whatever type.
pub(crate) trait Place: Send + Sync {
    fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan>;
    fn span_context(&self) -> Option<&SpanContext>;
    /// They are taken out of `attributes`.
    fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>);
    fn end(&mut self, at: SystemTime);
    fn show(&mut self, base: &OtelContext) -> Option<OtelContext>;
    fn is_for(&self, span: TypeId) -> bool;
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<S: Span + Send + Sync + 'static> Place for Option<S> {
    fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan> {
        self.as_mut().map(|span| span as _)
    }

    fn span_context(&self) -> Option<&SpanContext> {
        self.as_ref().map(Span::span_context)
    }

    fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>) {
        if let Some(span) = self {
            for attribute in attributes.drain(..) {
                span.set_attribute(attribute);
            }
        }
    }

    fn end(&mut self, at: SystemTime) {
        if let Some(span) = self {
            span.end_with_timestamp(at);
        }
        *self = None;
    }

    fn show(&mut self, base: &OtelContext) -> Option<OtelContext> {
        self.take().map(|span| base.with_span(span))
    }

    fn is_for(&self, span: TypeId) -> bool {
        span == TypeId::of::<S>()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
