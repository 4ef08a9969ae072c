//! A span as recorders see it.

use std::{
    fmt,
    panic::Location,
    time::{Duration, SystemTime},
};

use anytrace_api::{
    Context, EndReason, InstrumentationScope, Kind, SpanId, Status, TraceContext, TraceId, Value,
};

use super::{EventSlot, LinkSlot, Outcome, Record};
use crate::clock::{self, Moment};

/// A span that has finished, as [`Recorder`](crate::Recorder)s and tests see it.
///
/// ```
/// use anytrace_api::{Kind, Operation, TracerExt, Value};
/// use anytrace_recorder::MockTracer;
///
/// let mock = MockTracer::new();
/// mock.start_trace(Operation::server("GET /users")).tag("rows", 3).finish();
///
/// let spans = mock.finished();
/// assert_eq!((spans[0].name(), spans[0].kind()), ("GET /users", Kind::Server));
/// assert_eq!(spans[0].tag("rows"), Some(Value::I64(3)));
/// assert_eq!(spans[0].parent_span_id(), None);
/// ```
#[derive(Clone)]
pub struct FinishedSpan(Box<Record>);

impl From<Box<Record>> for FinishedSpan {
    fn from(record: Box<Record>) -> Self {
        FinishedSpan(record)
    }
}

impl FinishedSpan {
    pub(crate) fn into_record(self) -> Box<Record> {
        self.0
    }

    /// What was done.
    pub fn name(&self) -> &str {
        self.0.more.arena.read(self.0.name)
    }

    /// Which side of which call.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Which trace.
    pub fn trace_id(&self) -> TraceId {
        self.0.context.trace_id().expect("a recorded span has ids")
    }

    /// Which span.
    pub fn span_id(&self) -> SpanId {
        self.0.context.span_id().expect("a recorded span has ids")
    }

    /// Beneath which span, if any.
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.0.above.parent
    }

    /// The parent is a span of another process.
    pub fn parent_is_remote(&self) -> bool {
        self.0.above.is_remote
    }

    /// It is the server's half of a span whose other half its caller has: see [`SpanSharing::SharedSpan`](crate::SpanSharing::SharedSpan).
    pub fn is_shared(&self) -> bool {
        self.0.above.is_shared
    }

    /// Which library made it.
    pub fn instrumentation_scope(&self) -> Option<&'static InstrumentationScope> {
        self.0.instrumentation_scope
    }

    /// Where in the code it was started.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0.location
    }

    /// When it started.
    pub fn start(&self) -> SystemTime {
        clock::time(wall(self.0.start))
    }

    /// When it ended: never before its start.
    pub fn end(&self) -> SystemTime {
        clock::time(wall(self.0.end))
    }

    /// From start to end.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(wall(self.0.end).saturating_sub(wall(self.0.start)))
    }

    /// How it ended.
    pub fn end_reason(&self) -> EndReason {
        self.0.end_reason
    }

    /// How the operation went, where that was said.
    pub fn status(&self) -> Option<Status<'_>> {
        match self.0.more.status {
            Outcome::Unset => None,
            Outcome::Ok => Some(Status::Ok),
            Outcome::Error(text) => Some(match self.0.more.arena.read(text) {
                "" => Status::failed(),
                text => Status::error(text),
            }),
        }
    }

    /// The operation is known to have failed.
    pub fn is_error(&self) -> bool {
        matches!(self.0.more.status, Outcome::Error(_))
    }

    /// The tags, in the order in which their keys were first set. Texts are [`Value::Copied`].
    pub fn tags(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        self.0.tags.iter(&self.0.more.arena)
    }

    /// The value of one tag.
    pub fn tag(&self, key: &str) -> Option<Value<'_>> {
        self.tags().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// What happened, in the order in which it was told.
    pub fn events(&self) -> impl Iterator<Item = FinishedEvent<'_>> {
        self.0.more.events.iter().map(|event| FinishedEvent { record: &self.0, event })
    }

    /// What it has to do with.
    pub fn links(&self) -> impl Iterator<Item = FinishedLink<'_>> {
        self.0.more.links.iter().map(|link| FinishedLink { record: &self.0, link })
    }

    /// Tags that were left out.
    pub fn dropped_tags(&self) -> u32 {
        self.0.tags.dropped()
    }

    /// Events that were left out.
    pub fn dropped_events(&self) -> u32 {
        self.0.more.dropped_events
    }

    /// Links that were left out.
    pub fn dropped_links(&self) -> u32 {
        self.0.more.dropped_links
    }

    /// Names, keys and values that were cut.
    pub fn truncated(&self) -> u32 {
        self.0.more.arena.cuts()
    }
}

/// The context that the span had when it started.
impl TraceContext for FinishedSpan {
    fn context(&self) -> &Context {
        &self.0.context
    }
}

impl fmt::Debug for FinishedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedSpan")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("context", self.context())
            .field("parent_span_id", &self.parent_span_id())
            .field("start", &self.start())
            .field("duration", &self.duration())
            .field("end_reason", &self.end_reason())
            .field("status", &self.status())
            .field("tags", &self.tags().collect::<Vec<_>>())
            .field("events", &self.events().collect::<Vec<_>>())
            .field("links", &self.links().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Something that happened within a span.
#[derive(Clone, Copy)]
pub struct FinishedEvent<'a> {
    record: &'a Record,
    event: &'a EventSlot,
}

impl<'a> FinishedEvent<'a> {
    /// What happened.
    pub fn name(&self) -> &'a str {
        self.record.more.arena.read(self.event.name)
    }

    /// When.
    pub fn at(&self) -> SystemTime {
        clock::time(wall(self.event.at))
    }

    /// Its details.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.record.more.runs.iter(self.event.tags, &self.record.more.arena)
    }

    /// One of them.
    pub fn tag(&self, key: &str) -> Option<Value<'a>> {
        self.tags().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Details that were left out.
    pub fn dropped_tags(&self) -> u32 {
        self.event.tags.dropped
    }
}

impl fmt::Debug for FinishedEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedEvent")
            .field("name", &self.name())
            .field("at", &self.at())
            .field("tags", &self.tags().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Another span that a span has to do with.
#[derive(Clone, Copy)]
pub struct FinishedLink<'a> {
    record: &'a Record,
    link: &'a LinkSlot,
}

impl<'a> FinishedLink<'a> {
    /// What there is to say about the relation.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.record.more.runs.iter(self.link.tags, &self.record.more.arena)
    }

    /// Details that were left out.
    pub fn dropped_tags(&self) -> u32 {
        self.link.tags.dropped
    }
}

/// The other span's.
impl TraceContext for FinishedLink<'_> {
    fn context(&self) -> &Context {
        &self.link.to
    }
}

impl fmt::Debug for FinishedLink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedLink")
            .field("to", &self.link.to)
            .field("tags", &self.tags().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Every time was settled before anybody could look.
fn wall(moment: Moment) -> u64 {
    match moment {
        Moment::Wall(nanos) => nanos,
        Moment::Counted(_) => 0,
    }
}
