//! A recorded span of any provider's type.

use std::{borrow::Cow, time::SystemTime};

use opentelemetry::{
    KeyValue,
    global::ObjectSafeSpan,
    trace::{Span, SpanContext, Status},
};

/// What OpenTelemetry's own `BoxedSpan` is, which nobody else can make.
pub(crate) struct Boxed(Box<dyn ObjectSafeSpan + Send + Sync>);

impl Boxed {
    /// A function of its own, which moves a large span once: inlined, it moves it twice.
    #[inline(never)]
    pub(crate) fn new<S: Span + Send + Sync + 'static>(span: S) -> Self {
        Boxed(Box::new(span))
    }
}

impl Span for Boxed {
    fn add_event_with_timestamp<T>(&mut self, name: T, at: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        self.0.add_event_with_timestamp(name.into(), at, attributes);
    }

    fn span_context(&self) -> &SpanContext {
        self.0.span_context()
    }

    fn is_recording(&self) -> bool {
        self.0.is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.0.set_attribute(attribute);
    }

    fn set_status(&mut self, status: Status) {
        self.0.set_status(status);
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, name: T) {
        self.0.update_name(name.into());
    }

    fn add_link(&mut self, to: SpanContext, attributes: Vec<KeyValue>) {
        self.0.add_link(to, attributes);
    }

    fn end_with_timestamp(&mut self, at: SystemTime) {
        self.0.end_with_timestamp(at);
    }
}
