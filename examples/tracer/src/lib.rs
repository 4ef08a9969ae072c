//! A backend of one's own, as small as can be: it lists the spans that have finished.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::{
    Context, Name, Operation, Sampling, SpanId, StartedSpan, Tag, TraceId, Value,
    backend::{End, Span, Tracer, Unsupported, Update},
    flush::{Done, Flushed},
    propagation::{Extracted, Propagator, TextMapReader, TextMapWriter, W3C},
};

/// A span that has finished: its context, its parent, its name.
pub type Finished = (Context, Option<SpanId>, String);

/// All clones keep one list.
#[derive(Clone, Debug, Default)]
pub struct ListTracer(Arc<(AtomicU64, Mutex<Vec<Finished>>)>);

impl ListTracer {
    /// What has finished so far.
    pub fn finished(&self) -> Vec<Finished> {
        self.0.1.lock().map_or_else(|_| Vec::new(), |finished| finished.clone())
    }

    fn context(&self, parent: &Context) -> Option<Context> {
        let number = self.0.0.fetch_add(1, Ordering::Relaxed) + 1;
        let span_id = SpanId::from_u64(number)?;
        if parent.ids().is_some() {
            return Some(parent.child(span_id, Sampling::Record));
        }
        Some(parent.root(TraceId::from_halves(1, number)?, span_id, Sampling::Record))
    }
}

impl Tracer for ListTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let parent = parent.unwrap_or(&Context::EMPTY);
        match self.context(parent) {
            Some(context) if parent.sampling() != Sampling::Drop => {
                let name = operation.name.as_str().to_owned();
                let open = Mutex::new(Some((context.identity(), parent.span_id(), name)));
                StartedSpan::new(context, Some(Arc::new(Open { by: self.clone(), open })))
            }
            _ => StartedSpan::new(parent.decided(Sampling::Drop), None),
        }
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        W3C.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&W3C, carrier)
    }

    fn flush(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }

    fn shutdown(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }
}

struct Open {
    by: ListTracer,
    open: Mutex<Option<Finished>>,
}

impl Span for Open {
    fn set_tag(&self, _: Name<'_>, _: Value<'_>) {}

    fn set_tags(&self, _: &[Tag<'_>]) {}

    fn update(&self, _: Update<'_>) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.by.start(operation, Some(context))
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.by.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, _: End) {
        let span = self.open.lock().ok().and_then(|mut open| open.take());
        if let Ok(mut finished) = self.by.0.1.lock() {
            finished.extend(span);
        }
    }
}
