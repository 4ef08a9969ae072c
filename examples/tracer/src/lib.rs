//! Shows a small backend that passes the conformance suite: a tracer that keeps its finished spans, with their tags, in a
//! list. It rejects events, links, status and new names.

use std::sync::{Arc, atomic::AtomicU64, atomic::Ordering};
use std::{collections::BTreeMap, time::Duration};

use anytrace_api::{
    Context, Name, Operation, Sampling, SpanId, StartedSpan, TraceId, Value,
    backend::{End, Span, Tracer, Unsupported, Update},
    flush::{Done, Flushed},
    propagation::{Extracted, Propagator, TextMapReader, TextMapWriter, W3C},
};
use parking_lot::Mutex;

/// A finished span.
#[derive(Clone, Debug)]
pub struct ListedSpan {
    /// The ids of the span, its sampling decision and its baggage.
    pub context: Context,
    /// The span id of the parent. `None` for a root.
    pub parent: Option<SpanId>,
    /// The name of the span.
    pub name: String,
    /// The tags, with their values as text.
    pub tags: BTreeMap<String, String>,
}

/// A tracer that keeps finished spans in a list. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct ListTracer(Arc<Mutex<Vec<ListedSpan>>>);

impl ListTracer {
    /// Returns the spans that have finished so far.
    pub fn finished(&self) -> Vec<ListedSpan> {
        self.0.lock().clone()
    }
}

impl Tracer for ListTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let parent = parent.unwrap_or(&Context::EMPTY);
        if parent.sampling() == Sampling::Drop {
            return StartedSpan::new(parent.decided(Sampling::Drop), None);
        }
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let context = match SpanId::from_u64(id).zip(TraceId::from_halves(1, id)) {
            Some((span_id, _)) if parent.ids().is_some() => parent.child(span_id, Sampling::Record),
            Some((span_id, trace_id)) => parent.root(trace_id, span_id, Sampling::Record),
            None => return StartedSpan::none(),
        };
        let (name, tags) = (operation.name.to_string(), BTreeMap::default());
        let span = ListedSpan { context: context.clone(), parent: parent.span_id(), name, tags };
        let open = OpenSpan { tracer: self.clone(), span: Mutex::new(Some(span)) };
        open.set_tags(operation.tags);
        StartedSpan::new(context, Some(Arc::new(open)))
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

/// A live span. Its end moves the record to the list, so later updates find none.
struct OpenSpan {
    tracer: ListTracer,
    span: Mutex<Option<ListedSpan>>,
}

impl Span for OpenSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        if let (Some(span), false) = (&mut *self.span.lock(), value == Value::Absent) {
            span.tags.insert(key.to_string(), value.to_string());
        }
    }

    fn update(&self, _: Update<'_>) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.tracer.start(operation, Some(context))
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.tracer.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, _: End) {
        let finished = self.span.lock().take();
        self.tracer.0.lock().extend(finished);
    }
}
