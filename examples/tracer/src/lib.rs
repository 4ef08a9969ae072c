//! A back end of one's own, as small as can be: finished spans in a list, with their ids, their names and their tags.

use std::{
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::{
    Context, Done, End, Extracted, Flushed, Name, Operation, Propagator, Sampling, Span, SpanId, StartedSpan,
    Tag, TextMapReader, TextMapWriter, TraceId, Tracer, Unsupported, Update, Value, W3C,
};

/// What is known of a span that has finished.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its ids.
    pub context: Context,
    /// Its parent.
    pub parent: Option<SpanId>,
    /// Its name.
    pub name: String,
    /// Its tags, as text.
    pub tags: Vec<(String, String)>,
}

/// Keeps what has finished. All clones keep the same.
#[derive(Clone, Debug, Default)]
pub struct ListTracer {
    finished: Arc<Mutex<Vec<Finished>>>,
    last_id: Arc<AtomicU64>,
}

impl ListTracer {
    /// What has finished so far.
    pub fn finished(&self) -> Vec<Finished> {
        self.finished.lock().map(|finished| finished.clone()).unwrap_or_default()
    }

    fn next(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Tracer for ListTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let parent = parent.unwrap_or(&Context::EMPTY);
        let Some(span_id) = SpanId::from_u64(self.next()) else { return StartedSpan::none() };
        if parent.sampling() == Sampling::Drop {
            return StartedSpan::new(parent.decided(Sampling::Drop), None);
        }
        let context = if parent.ids().is_some() {
            parent.child(span_id, Sampling::Record)
        } else {
            let Some(trace_id) = TraceId::from_halves(1, self.next()) else { return StartedSpan::none() };
            parent.root(trace_id, span_id, Sampling::Record)
        };
        let span = Finished {
            context: context.identity(),
            parent: parent.span_id(),
            name: operation.name.as_str().to_owned(),
            tags: Vec::new(),
        };
        let live = Arc::new(Open { tracer: self.clone(), span: Mutex::new(Some(span)) });
        live.set_tags(operation.tags);
        StartedSpan::new(context, Some(live))
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
    tracer: ListTracer,
    span: Mutex<Option<Finished>>,
}

impl Open {
    /// Nothing is done to a span that has finished.
    fn write(&self, work: impl FnOnce(&mut Finished)) {
        if let Some(span) = self.span.lock().ok().as_mut().and_then(|span| span.as_mut()) {
            work(span);
        }
    }
}

impl Span for Open {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        if value == Value::Absent {
            return;
        }
        self.write(|span| {
            span.tags.retain(|(known, _)| known != key.as_str());
            span.tags.push((key.as_str().to_owned(), value.to_string()));
        });
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        for tag in tags {
            self.set_tag(tag.key, tag.value);
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        match update {
            Update::Name(name) => self.write(|span| name.as_str().clone_into(&mut span.name)),
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        self.tracer.start(operation, Some(context))
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.tracer.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, _: End) {
        let finished = self.span.lock().ok().and_then(|mut span| mem::take(&mut *span));
        if let (Some(finished), Ok(mut list)) = (finished, self.tracer.finished.lock()) {
            list.push(finished);
        }
    }
}
