//! The mock tracer.

mod tree;

use std::{fmt::Write, sync::Arc, time::Duration};

use anytrace_api::{
    Context, FutureExt, Operation, SpanRef, StartedSpan, TracerExt, TracerHandle, Value,
    backend::{NativeContext, Tracer},
    flush::Done,
    future::InSpan,
    propagation::{Extracted, TextMapReader, TextMapWriter},
    with_tracer,
};

use self::tree::Tree;
use crate::{FinishedSpan, MemoryRecorder, RecordingTracer, RecordingTracerBuilder, Stats};

/// A tracer for tests: the reference tracer, with methods that return its finished and open spans.
///
/// ```
/// use anytrace_api as trace;
/// use anytrace_recorder::MockTracer;
///
/// fn code_under_test() {
///     trace::start_span("load").tag("user", "ada").run(|| trace::event("asked"));
/// }
///
/// let mock = MockTracer::new();
/// trace::with_tracer(&mock.handle(), code_under_test);
/// assert_eq!(mock.tree(), "load user=ada !asked\n");
/// ```
#[derive(Clone, Debug)]
pub struct MockTracer {
    tracer: RecordingTracer,
    memory: MemoryRecorder,
}

impl MockTracer {
    /// Creates a tracer that records every span.
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// Creates a tracer with other settings, such as sampler, clock, ids, limits or propagator.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use anytrace_recorder::{Ids, MockTracer};
    ///
    /// let mock = MockTracer::with(|builder| builder.ids(Ids::sequential()));
    /// mock.start_trace("load").finish();
    /// assert_eq!(mock.finished()[0].span_id().to_u64(), 2);
    /// ```
    pub fn with(set_up: impl FnOnce(RecordingTracerBuilder) -> RecordingTracerBuilder) -> Self {
        let memory = MemoryRecorder::new();
        let builder = RecordingTracer::builder(memory.clone()).service("mock").max_queued_spans(1_000_000);
        MockTracer { tracer: set_up(builder).without_thread().tracking_open_spans().build(), memory }
    }

    /// Calls `work` with this tracer as the current one on this thread. Tests on other threads are not affected. For a
    /// block, see [`tracer_scope`](anytrace_api::tracer_scope).
    ///
    /// An async block that `work` returns runs later, without this tracer: use [`run_async`](Self::run_async).
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        with_tracer(&self.handle(), work)
    }

    /// Makes this tracer the current one during every poll of `future`.
    ///
    /// ```
    /// use anytrace_api as trace;
    /// use anytrace_recorder::MockTracer;
    ///
    /// async fn test() {
    ///     let mock = MockTracer::new();
    ///     mock.run_async(async { trace::start_span("load").finish() }).await;
    ///     assert_eq!(mock.tree(), "load\n");
    /// }
    /// # let future = std::pin::pin!(test());
    /// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// # assert!(future.poll(&mut context).is_ready());
    /// ```
    pub fn run_async<F: Future>(&self, future: F) -> InSpan<F> {
        future.with_tracer(&self.handle())
    }

    /// Returns a handle, which [`with_tracer`](anytrace_api::with_tracer) makes the current tracer.
    pub fn handle(&self) -> TracerHandle {
        TracerHandle::new(self.clone())
    }

    /// Returns the finished spans. The spans of each thread are in the order of their ends.
    pub fn finished(&self) -> Vec<FinishedSpan> {
        self.collect();
        self.memory.spans()
    }

    /// Returns copies of the open spans as if they were dropped now, in the order of their starts.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// let span = mock.start_trace("load").tag("rows", 3);
    /// let open = mock.unfinished();
    /// assert_eq!((open[0].name(), open[0].tags().count()), ("load", 1));
    /// assert_eq!(open[0].location().unwrap().line(), line!() - 3);
    /// # span.finish();
    /// # assert!(mock.unfinished().is_empty());
    /// ```
    pub fn unfinished(&self) -> Vec<FinishedSpan> {
        let mut open = self.tracer.open_spans();
        open.sort_by_key(FinishedSpan::start);
        open
    }

    /// Returns the finished spans by trace. The traces are in the order of their first finished span.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// let parent = mock.start_trace("a");
    /// parent.start_child("b").finish();
    /// parent.finish();
    /// mock.start_trace("c").finish();
    /// assert_eq!(mock.traces().iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    /// ```
    pub fn traces(&self) -> Vec<Vec<FinishedSpan>> {
        let mut traces: Vec<Vec<FinishedSpan>> = Vec::new();
        for span in self.finished() {
            match traces.iter_mut().find(|trace| trace[0].trace_id() == span.trace_id()) {
                Some(trace) => trace.push(span),
                None => traces.push(vec![span]),
            }
        }
        traces
    }

    /// Returns the finished spans that have this tag.
    ///
    /// ```
    /// use anytrace_api::TracerExt;
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// mock.start_trace("load").tag("user", "ada").finish();
    /// assert_eq!(mock.tagged("user", "ada")[0].name(), "load");
    /// assert!(mock.tagged("user", "bob").is_empty());
    /// ```
    pub fn tagged<'a>(&self, key: &str, value: impl Into<Value<'a>>) -> Vec<FinishedSpan> {
        let value = value.into();
        let has_tag = |span: &FinishedSpan| span.tag(key).is_some_and(|tag| tag == value);
        self.finished().into_iter().filter(has_tag).collect()
    }

    /// Returns the only finished span with this name.
    ///
    /// # Panics
    ///
    /// Panics, at the caller's line, if no span or several spans have this name. The message contains the tree of all
    /// finished spans.
    #[track_caller]
    pub fn span(&self, name: &str) -> FinishedSpan {
        let mut named: Vec<_> = self.finished().into_iter().filter(|span| span.name() == name).collect();
        match (named.pop(), named.len()) {
            (Some(span), 0) => span,
            (None, _) => panic!("no span is named {name:?}:\n{}", self.tree()),
            (Some(_), others) => panic!("{} spans are named {name:?}:\n{}", others + 1, self.tree()),
        }
    }

    /// Returns the finished spans as text, with one line per span below its parent. Roots and siblings are in the order
    /// of their starts.
    ///
    /// A line contains the name, the kind unless it is internal, the tags, events (`!name`), links (`~span id`), the
    /// status and the end reason unless the span was finished.
    ///
    /// ```
    /// use anytrace_api::Operation;
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// mock.run(|| anytrace_api::start_span(Operation::server("GET /users")).tag("rows", 3).run(|| {}));
    /// assert_eq!(mock.tree(), "GET /users [server] rows=3\n");
    /// ```
    pub fn tree(&self) -> String {
        Tree::new(self.finished()).lines()
    }

    /// Returns the names of the finished spans in one line, with the children of a span in parentheses after its name.
    ///
    /// ```
    /// use anytrace_api::start_span;
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// mock.run(|| {
    ///     start_span("order").run(|| {
    ///         start_span("price").run(|| start_span("look up").finish());
    ///         start_span("reserve").finish();
    ///     });
    ///     start_span("clean up").finish();
    /// });
    /// assert_eq!(mock.outline(), "order(price(look up), reserve) clean up");
    /// ```
    pub fn outline(&self) -> String {
        Tree::new(self.finished()).outline()
    }

    /// Asserts that no span is open. The message contains the name of each open span and the location where it was
    /// started.
    ///
    /// ```should_panic
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// mock.run(|| std::mem::forget(anytrace_api::start_span("load"))); // "load", started at src/…
    /// mock.assert_all_finished();
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if a span is open.
    #[track_caller]
    pub fn assert_all_finished(&self) {
        let open = self.unfinished();
        if open.is_empty() {
            return;
        }
        let mut message = format!(
            "{} not finished:",
            if open.len() == 1 { "1 span is".to_owned() } else { format!("{} spans are", open.len()) }
        );
        for span in open {
            let _ = write!(message, "\n  {:?}", span.name());
            if let Some(location) = span.location() {
                let _ = write!(message, ", started at {location}");
            }
        }
        panic!("{message}");
    }

    /// Returns the counts of all recorded spans. Finished spans count as queued until [`finished`](Self::finished) or
    /// another method reads them.
    pub fn stats(&self) -> Stats {
        self.tracer.stats()
    }

    /// Removes all finished spans.
    pub fn reset(&self) {
        self.collect();
        self.memory.take();
    }

    fn collect(&self) {
        let _ = self.tracer.flush_blocking(Duration::MAX);
    }
}

impl Default for MockTracer {
    fn default() -> Self {
        Self::new()
    }
}

#[deny(clippy::missing_trait_methods)]
impl Tracer for MockTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        self.tracer.start(operation, parent)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.tracer.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        self.tracer.extract(carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        self.tracer.flush(timeout, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        self.tracer.shutdown(timeout, done);
    }

    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        self.tracer.native_context()
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        self.tracer.adopt(found)
    }
}
