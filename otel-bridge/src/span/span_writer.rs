//! Writes to an OpenTelemetry span, detached or attached.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    time::SystemTime,
};

use opentelemetry::{
    Context as OtelContext, KeyValue,
    global::ObjectSafeSpan,
    trace::{Span, SpanContext, SpanRef, Status, TraceContextExt},
};

/// An `Option` of an OpenTelemetry span of any type, as an object-safe trait.
pub(super) trait SpanSlot: Send + Sync {
    fn span(&mut self) -> Option<&mut dyn ObjectSafeSpan>;
    fn span_context(&self) -> Option<&SpanContext>;
    /// Sets all attributes and leaves `attributes` empty, with its capacity.
    fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>);
    /// Ends the span and empties the slot.
    fn end(&mut self, at: SystemTime);
    /// Moves the span into a copy of `base`.
    fn attach(&mut self, base: &OtelContext) -> Option<OtelContext>;
    fn is_for(&self, span: TypeId) -> bool;
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<S: Span + Send + Sync + 'static> SpanSlot for Option<S> {
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

    fn attach(&mut self, base: &OtelContext) -> Option<OtelContext> {
        self.take().map(|span| base.with_span(span))
    }

    fn is_for(&self, span: TypeId) -> bool {
        span == TypeId::of::<S>()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// Access to an OpenTelemetry span that has not ended.
pub(super) enum SpanWriter<'a> {
    Detached(&'a mut dyn SpanSlot),
    Attached(SpanRef<'a>),
}

macro_rules! forward {
    ($writer:expr, $call:ident($($argument:expr),*)) => {
        match $writer {
            SpanWriter::Detached(slot) => {
                if let Some(span) = slot.span() {
                    span.$call($($argument),*);
                }
            }
            SpanWriter::Attached(span) => span.$call($($argument),*),
        }
    };
}

impl SpanWriter<'_> {
    /// Sets all attributes and leaves `attributes` empty, with its capacity.
    #[inline]
    pub(super) fn set_attributes(&mut self, attributes: &mut Vec<KeyValue>) {
        match self {
            SpanWriter::Detached(slot) => slot.set_attributes(attributes),
            SpanWriter::Attached(span) => span.set_attributes(attributes.drain(..)),
        }
    }

    pub(super) fn set_status(&mut self, status: Status) {
        forward!(self, set_status(status));
    }

    pub(super) fn update_name(&mut self, name: Cow<'static, str>) {
        forward!(self, update_name(name));
    }

    pub(super) fn add_event(&mut self, name: Cow<'static, str>, at: SystemTime, attributes: Vec<KeyValue>) {
        forward!(self, add_event_with_timestamp(name, at, attributes));
    }

    pub(super) fn add_link(&mut self, to: SpanContext, attributes: Vec<KeyValue>) {
        forward!(self, add_link(to, attributes));
    }
}
