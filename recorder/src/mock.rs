//! A tracer for tests.

use std::{fmt::Write, time::Duration};

use anytrace_api::{
    Context, Done, Ending, Entered, Extracted, Kind, Operation, SpanRef, StartedSpan, Status, TextMapReader,
    TextMapWriter, TraceContext, Tracer, TracerExt, TracerHandle,
};

use crate::{Builder, FinishedSpan, MemoryRecorder, RecordingTracer, Stats};

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
    pub fn with(set_up: impl FnOnce(Builder) -> Builder) -> Self {
        let memory = MemoryRecorder::new();
        let builder = RecordingTracer::builder(memory.clone()).service("mock").max_queued_spans(1_000_000);
        MockTracer { tracer: set_up(builder).without_thread().build(), memory }
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
    pub fn tree(&self) -> String {
        let mut spans = self.finished();
        spans.sort_by_key(FinishedSpan::start);
        let mut text = String::new();
        let is_root = |span: &FinishedSpan| {
            span.parent_span_id().is_none_or(|parent| {
                spans.iter().all(|other| other.span_id() != parent || other.trace_id() != span.trace_id())
            })
        };
        let mut open: Vec<(usize, &FinishedSpan)> =
            spans.iter().rev().filter(|s| is_root(s)).map(|s| (0, s)).collect();
        while let Some((depth, span)) = open.pop() {
            let _ = writeln!(text, "{}{}", "  ".repeat(depth), line(span));
            let is_child = |other: &&FinishedSpan| {
                other.parent_span_id() == Some(span.span_id()) && other.trace_id() == span.trace_id()
            };
            open.extend(spans.iter().rev().filter(is_child).map(|child| (depth + 1, child)));
        }
        text
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

/// A line of the tree. Writing into a string does not fail.
fn line(span: &FinishedSpan) -> String {
    let mut line = span.name().to_owned();
    if span.kind() != Kind::Internal {
        let _ = write!(line, " [{}]", span.kind().as_str());
    }
    for (key, value) in span.tags() {
        let _ = write!(line, " {key}={value}");
    }
    for event in span.events() {
        let _ = write!(line, " !{}", event.name());
    }
    for id in span.links().filter_map(|link| link.context().span_id()) {
        let _ = write!(line, " ~{id}");
    }
    match span.status() {
        Some(Status::Ok) => line.push_str(" ok"),
        Some(Status::Error(why)) => {
            let _ = write!(line, " error({why})");
        }
        _ => {}
    }
    if span.ending() != Ending::Finished {
        let _ = write!(line, " {}", span.ending().as_str());
    }
    line
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
