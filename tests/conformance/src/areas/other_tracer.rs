//! A second backend, for checks that involve two.

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

/// A backend that only remembers the names of the spans it has started.
#[derive(Clone, Default)]
pub(crate) struct OtherTracer(Arc<Mutex<Vec<String>>>);

impl OtherTracer {
    pub(crate) fn handle(&self) -> TracerHandle {
        TracerHandle::new(self.clone())
    }

    /// Returns the names of the started spans, in order.
    pub(crate) fn started(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Tracer for OtherTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        /// The next id, in a range that no other check uses.
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

struct Next(OtherTracer);

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
