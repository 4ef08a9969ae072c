//! A tracer for tests.

mod tree;

use std::{fmt::Write, time::Duration};

use anytrace_api::{
    Context, Done, Entered, Extracted, Operation, SpanRef, StartedSpan, TextMapReader, TextMapWriter, Tracer,
    TracerExt, TracerHandle, Value, with_tracer,
};

use self::tree::Tree;
use crate::{FinishedSpan, MemoryRecorder, RecordingTracer, RecordingTracerBuilder, Stats};

/// A tracer for tests: the real one, whose finished spans can be asked for at once.
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
    /// One that records everything.
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// One that is set up otherwise: sampler, clock, ids, limits, wire formats.
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

    /// Does `work` with this tracer in force, on this thread. Other tests may run at the same time. For futures, see
    /// [`with_tracer`](anytrace_api::FutureExt::with_tracer); for a block, [`tracer_scope`](anytrace_api::tracer_scope).
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        with_tracer(&self.handle(), work)
    }

    /// To put it in force: [`with_tracer`](anytrace_api::with_tracer).
    pub fn handle(&self) -> TracerHandle {
        TracerHandle::new(self.clone())
    }

    /// The spans that have finished so far, each thread's in the order of their ends.
    pub fn finished(&self) -> Vec<FinishedSpan> {
        self.collect();
        self.memory.spans()
    }

    /// The spans that are still open, in the order of their starts: copies, as if they were dropped now.
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

    /// The finished spans of each trace, the traces in the order in which they came to be known.
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

    /// The finished spans that have this tag.
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
        let has_it = |span: &FinishedSpan| span.tag(key).is_some_and(|tag| tag == value);
        self.finished().into_iter().filter(has_it).collect()
    }

    /// The only finished span with this name.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one: with the tree of what there is.
    pub fn span(&self, name: &str) -> FinishedSpan {
        let mut named: Vec<_> = self.finished().into_iter().filter(|span| span.name() == name).collect();
        match (named.pop(), named.len()) {
            (Some(span), 0) => span,
            (_, others) => panic!("{} spans are called {name:?}:\n{}", others + 1, self.tree()),
        }
    }

    /// The finished spans as text: a line for each, beneath its parent; roots and siblings in the order of their starts.
    ///
    /// A line has the name, the kind where it is not internal, tags, events (`!name`), links (`~span`), the error, and
    /// how it ended where nobody finished it.
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

    /// The finished spans in one line, by their names: children in brackets behind their parent.
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

    /// Fails when a span is open that nobody has finished: with its name, and where in the code it was started.
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
    /// When there is such a span.
    #[track_caller]
    pub fn assert_all_finished(&self) {
        let open = self.unfinished();
        if open.is_empty() {
            return;
        }
        let mut text = format!(
            "{} not finished:",
            if open.len() == 1 { "1 span is".to_owned() } else { format!("{} spans are", open.len()) }
        );
        for span in open {
            let _ = write!(text, "\n  {:?}", span.name());
            if let Some(place) = span.location() {
                let _ = write!(text, ", started at {place}");
            }
        }
        panic!("{text}");
    }

    /// Where every span went; finished ones that nobody has asked for are queued.
    pub fn stats(&self) -> Stats {
        self.tracer.stats()
    }

    /// Forgets what has finished so far.
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

    fn native_current(&self) -> Option<SpanRef> {
        self.tracer.native_current()
    }

    fn enter_suppressed(&self) -> Entered {
        self.tracer.enter_suppressed()
    }

    fn leave_suppressed(&self, entered: Entered) {
        self.tracer.leave_suppressed(entered);
    }
}
