//! Another backend beside the one that is checked.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::{
    Context, Name, Operation, Sampling, SpanId, StartedSpan, Tag, TraceContext, TraceId, TracerHandle, Value,
    backend::{End, Span, Tracer, Unsupported, Update},
    flush::{Done, Flushed},
    propagation::{Extracted, TextMapReader, TextMapWriter},
};

/// A backend that knows what was started by it, and nothing else.
#[derive(Clone, Default)]
pub(crate) struct Neighbour(Arc<Mutex<Vec<String>>>);

impl Neighbour {
    pub(crate) fn handle(&self) -> TracerHandle {
        TracerHandle::new(self.clone())
    }

    /// The names of the spans that it has started, in their order.
    pub(crate) fn started(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Tracer for Neighbour {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        /// Of nobody else's making.
        static NEXT: AtomicU64 = AtomicU64::new(0x6e65_6967_0000_0000);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let span_id = SpanId::from_u64(id).expect("not zero");
        let context = match parent.filter(|parent| parent.trace_id().is_some()) {
            Some(parent) => parent.child(span_id, Sampling::Record),
            None => Context::new(TraceId::from_u128(id.into()).expect("not zero"), span_id, Sampling::Record),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(operation.name.to_string());
        StartedSpan::new(context, Some(Arc::new(Next(self.clone()))))
    }

    fn inject(&self, _: &Context, _: &mut dyn TextMapWriter) {}

    fn extract(&self, _: &dyn TextMapReader) -> Extracted {
        Extracted::default()
    }

    fn flush(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }

    fn shutdown(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }
}

struct Next(Neighbour);

impl Span for Next {
    fn set_tag(&self, _: Name<'_>, _: Value<'_>) {}

    fn set_tags(&self, _: &[Tag<'_>]) {}

    fn update(&self, _: Update<'_>) -> Result<(), Unsupported> {
        Ok(())
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.0.start(operation, Some(context.context()))
    }

    fn inject(&self, _: &Context, _: &mut dyn TextMapWriter) {}

    fn finish(self: Arc<Self>, _: End) {}
}
