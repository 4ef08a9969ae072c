//! A tracer that writes to several other tracers.

use std::{fmt, sync::Arc, time::Duration};

use anytrace_api::{
    Context, Name, Operation, SpanRef, StartedSpan, Tag, TracerHandle, Value,
    backend::{End, NativeContext, Span, Tracer, Unsupported, Update},
    flush::Done,
    propagation::{Extracted, TextMapReader, TextMapWriter},
};

use crate::flush_completion::FlushCompletion;

/// A tracer that writes each span to several other tracers.
///
/// The first tracer determines the sampling decision, the ids, the injected context and the native context. The other
/// tracers record the same spans with the same ids ([`Operation::preset_context`]) if they support preset ids: the
/// reference tracer does, and so does OpenTelemetry's SDK with the bridge's `ContextIds`. A tracer without this support
/// generates its own ids, and its traces have the same shape within this process.
///
/// Flush and shutdown go to all tracers. The result has the numbers of delivered and queued spans of the first tracer, the
/// dropped spans of all tracers, and the first error of any tracer.
///
/// ```
/// use anytrace::{MockTracer, Tee, TracerExt};
///
/// let (one, other) = (MockTracer::new(), MockTracer::new());
/// let tee = Tee::new(one.clone()).and(other.clone());
/// tee.start_trace("load").tag("rows", 3).finish();
/// assert_eq!((one.tree(), other.tree()), ("load rows=3\n".into(), "load rows=3\n".into()));
/// assert_eq!(one.finished()[0].span_id(), other.finished()[0].span_id());
/// ```
#[derive(Clone)]
pub struct Tee {
    first: TracerHandle,
    others: Arc<[TracerHandle]>,
}

impl Tee {
    /// Creates a tracer that writes to `first`. [`and`](Self::and) adds others.
    pub fn new(first: impl Tracer + 'static) -> Self {
        Tee { first: TracerHandle::new(first), others: Arc::new([]) }
    }

    /// Adds another tracer.
    pub fn and(self, other: impl Tracer + 'static) -> Self {
        let others = self.others.iter().cloned().chain([TracerHandle::new(other)]);
        Tee { others: others.collect(), ..self }
    }

    /// Combines the span that the first tracer has started with copies by the other tracers. A span that the first
    /// tracer does not record has no copies.
    fn copied(
        &self,
        first: StartedSpan,
        operation: &Operation<'_>,
        copies: impl FnOnce(&Operation<'_>) -> Vec<Copied>,
    ) -> StartedSpan {
        if !first.is_recording() {
            return first;
        }
        let (context, live) = first.into_parts();
        let Some(first) = live else { return StartedSpan::new(context, None) };
        let copies = copies(&operation.preset_context(&context));
        let live = Teed { first, copies: Some(copies), tee: self.clone() };
        StartedSpan::new(context, Some(Arc::new(live)))
    }

    /// Starts copies with the other tracers, below a parent of which only the context is known.
    fn copies(&self, operation: &Operation<'_>, parent: Option<&Context>) -> Vec<Copied> {
        self.others.iter().filter_map(|other| Copied::new(other.start(operation, parent))).collect()
    }

    /// Wraps a span that the first tracer found in its native context.
    fn adopted(&self, span: SpanRef) -> SpanRef {
        let (context, live) = span.into_parts();
        let live =
            live.map(|first| Arc::new(Teed { first, copies: None, tee: self.clone() }) as Arc<dyn Span>);
        SpanRef::new(context, live)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Tracer for Tee {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let first = self.first.start(operation, parent);
        self.copied(first, operation, |copy| self.copies(copy, parent))
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        Tracer::inject(&self.first, context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        self.first.extract(carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        let completion = FlushCompletion::new(1 + self.others.len(), done);
        self.first.flush(timeout, completion.first());
        for tracer in self.others.iter() {
            tracer.flush(timeout, completion.other());
        }
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        let completion = FlushCompletion::new(1 + self.others.len(), done);
        self.first.shutdown(timeout, completion.first());
        for tracer in self.others.iter() {
            tracer.shutdown(timeout, completion.other());
        }
    }

    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        self.first.native_context()
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        self.adopted(self.first.adopt(found))
    }
}

impl fmt::Debug for Tee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tee").field("first", &self.first).field("others", &self.others).finish()
    }
}

/// A live span of the first tracer with its copies.
struct Teed {
    first: Arc<dyn Span>,
    /// `None` for a natively started span, which only the first tracer knows.
    copies: Option<Vec<Copied>>,
    tee: Tee,
}

impl Teed {
    fn copies(&self) -> impl Iterator<Item = &Copied> {
        self.copies.iter().flatten()
    }
}

/// A live span of another tracer.
struct Copied {
    context: Context,
    live: Arc<dyn Span>,
}

impl Copied {
    fn new(span: StartedSpan) -> Option<Self> {
        let (context, live) = span.into_parts();
        Some(Copied { context, live: live? })
    }

    /// Returns the ids of this copy, with the baggage of the first tracer's context.
    fn context(&self, first: &Context) -> Context {
        if self.context.ids() == first.ids() {
            return first.clone();
        }
        self.context.clone().with_baggage_items(first.baggage().clone())
    }
}

#[deny(clippy::missing_trait_methods)]
impl Span for Teed {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        self.first.set_tag(key, value);
        for copy in self.copies() {
            copy.live.set_tag(key, value);
        }
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        self.first.set_tags(tags);
        for copy in self.copies() {
            copy.live.set_tags(tags);
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        let copies = self.copies().map(|copy| copy.live.update(update));
        copies.fold(self.first.update(update), Result::and)
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        let first = self.first.start_child(operation, context);
        self.tee.copied(first, operation, |copy| match &self.copies {
            Some(parents) => parents
                .iter()
                .filter_map(|parent| Copied::new(parent.live.start_child(copy, &parent.context(context))))
                .collect(),
            None => self.tee.copies(copy, Some(context)),
        })
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.first.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        self.first.clone().finish(end);
        for copy in self.copies() {
            copy.live.clone().finish(end);
        }
    }

    fn is_recording(&self) -> bool {
        self.first.is_recording()
    }

    fn native_context(&self) -> Option<&dyn NativeContext> {
        self.first.native_context()
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        self.tee.adopted(self.first.adopt(found))
    }
}
