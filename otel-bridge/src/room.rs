//! Where a recorded span of any provider's type is while no context has it.
//!
//! The SDK's spans are large. When one has ended, its room is for the next of its type on that thread.

use std::{any::Any, cell::Cell, time::SystemTime};

use opentelemetry::{
    Context as OtelContext, KeyValue,
    global::ObjectSafeSpan,
    trace::{Span, SpanContext, TraceContextExt},
};

thread_local! {
    static SPARE: Cell<Option<Box<dyn Any>>> = const { Cell::new(None) };
}

/// With its span, until that has ended.
pub(crate) struct Room(Box<dyn Place>);

impl Room {
    /// With what `make` makes, if that is recorded; else the context of it.
    ///
    /// It is put there at once, and moved once: returned or looked at before, a large span would be moved again.
    #[inline]
    pub(crate) fn with<S: Span + Send + Sync + 'static>(make: impl FnOnce() -> S) -> Result<Self, SpanContext> {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let mut room = match spare.map(<Box<dyn Any>>::downcast::<Option<S>>) {
            Some(Ok(room)) => room,
            _ => Box::new(None),
        };
        let span = room.get_or_insert_with(make);
        if span.is_recording() {
            return Ok(Room(room));
        }
        let context = span.span_context().clone();
        *room = None;
        leave(room);
        Err(context)
    }

    pub(crate) fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan> {
        self.0.span()
    }

    /// They are taken out of `attributes`.
    #[inline]
    pub(crate) fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>) {
        self.0.set_attributes(attributes);
    }

    /// Ends the span, which goes.
    #[inline]
    pub(crate) fn end(mut self, at: SystemTime) {
        self.0.end(at);
        leave(self.0.into_any());
    }

    /// `base` with the span.
    pub(crate) fn show(mut self, base: &OtelContext) -> Option<OtelContext> {
        let native = self.0.show(base);
        leave(self.0.into_any());
        native
    }
}

#[inline]
fn leave(room: Box<dyn Any>) {
    let _ = SPARE.try_with(|spare| spare.set(Some(room)));
}

/// An option of a span, of whatever type.
trait Place: Send + Sync {
    fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan>;
    fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>);
    fn end(&mut self, at: SystemTime);
    fn show(&mut self, base: &OtelContext) -> Option<OtelContext>;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<S: Span + Send + Sync + 'static> Place for Option<S> {
    fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan> {
        self.as_mut().map(|span| span as _)
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

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
