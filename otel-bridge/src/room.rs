//! Where a recorded span of any provider's type is while no context has it.
//!
//! The SDK's spans are large. When one has ended, its room is for the next of its type on that thread.

use std::{any::Any, cell::Cell, time::SystemTime};

use opentelemetry::{
    Context as OtelContext, KeyValue,
    global::ObjectSafeSpan,
    trace::{Span, TraceContextExt},
};

thread_local! {
    static SPARE: Cell<Option<Box<dyn Any>>> = const { Cell::new(None) };
}

/// With its span, until that has ended.
pub(crate) struct Room(Box<dyn Place>);

impl Room {
    /// A function of its own, which moves a large span once: inlined, it moves it twice.
    #[inline(never)]
    pub(crate) fn new<S: Span + Send + Sync + 'static>(span: S) -> Self {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        match spare.map(<Box<dyn Any>>::downcast::<Option<S>>) {
            Some(Ok(mut room)) => {
                *room = Some(span);
                Room(room)
            }
            _ => Room(Box::new(Some(span))),
        }
    }

    pub(crate) fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan> {
        self.0.span()
    }

    /// They are taken out of `attributes`.
    pub(crate) fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>) {
        self.0.set_attributes(attributes);
    }

    /// Ends the span, which goes.
    pub(crate) fn end(mut self, at: SystemTime) {
        self.0.end(at);
        self.leave();
    }

    /// `base` with the span.
    pub(crate) fn show(mut self, base: &OtelContext) -> Option<OtelContext> {
        let native = self.0.show(base);
        self.leave();
        native
    }

    fn leave(self) {
        let _ = SPARE.try_with(|spare| spare.set(Some(self.0.into_any())));
    }
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
            span.set_attributes(attributes.drain(..));
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
