//! Finished span records, as recorders and tests read them.

use std::{
    fmt,
    panic::Location,
    time::{Duration, SystemTime},
};

use anytrace_api::{
    Context, EndReason, InstrumentationScope, Kind, SpanId, Status, TraceContext, TraceId, Value,
};

use super::{
    rare_fields::{StoredEvent, StoredLink, StoredStatus},
    span_record::Record,
};
use crate::clock::{self, Moment};

/// The data of a span that has ended, as [`Recorder`](crate::Recorder)s and tests read it.
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

    /// Returns the name of the operation.
    pub fn name(&self) -> &str {
        self.0.rare.arena.read(self.0.name)
    }

    /// Returns the kind: internal, or a side of a call or message.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the id of the trace.
    pub fn trace_id(&self) -> TraceId {
        self.0.context.trace_id().expect("a recorded span has ids")
    }

    /// Returns the id of the span.
    pub fn span_id(&self) -> SpanId {
        self.0.context.span_id().expect("a recorded span has ids")
    }

    /// Returns the id of the parent, or `None` for a root.
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.0.parent_link.parent
    }

    /// Returns true if the parent is a span of another process.
    pub fn parent_is_remote(&self) -> bool {
        self.0.parent_link.is_remote
    }

    /// Returns true if this is the server's half of a span that it shares with its caller: see
    /// [`SpanSharing::SharedSpan`](crate::SpanSharing::SharedSpan).
    pub fn is_shared(&self) -> bool {
        self.0.parent_link.is_shared
    }

    /// Returns the library that made the span, if it names itself.
    pub fn instrumentation_scope(&self) -> Option<&'static InstrumentationScope> {
        self.0.instrumentation_scope
    }

    /// Returns the file and line where the span was started.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0.location
    }

    /// Returns the start time.
    pub fn start(&self) -> SystemTime {
        clock::time(wall(self.0.start))
    }

    /// Returns the end time, which is never before the start.
    pub fn end(&self) -> SystemTime {
        clock::time(wall(self.0.end))
    }

    /// Returns the time from start to end.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(wall(self.0.end).saturating_sub(wall(self.0.start)))
    }

    /// Returns how the span ended: finished, or dropped without finishing.
    pub fn end_reason(&self) -> EndReason {
        self.0.end_reason
    }

    /// Returns the status, or `None` if it was not set.
    pub fn status(&self) -> Option<Status<'_>> {
        match self.0.rare.status {
            StoredStatus::Unset => None,
            StoredStatus::Ok => Some(Status::Ok),
            StoredStatus::Error(text) => Some(match self.0.rare.arena.read(text) {
                "" => Status::failed(),
                text => Status::error(text),
            }),
        }
    }

    /// Returns true if the status is an error.
    pub fn is_error(&self) -> bool {
        matches!(self.0.rare.status, StoredStatus::Error(_))
    }

    /// Returns the tags in the order in which their keys were first set. All texts are [`Value::Copied`].
    pub fn tags(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        self.0.tags.iter(&self.0.rare.arena)
    }

    /// Returns the value of the tag with this key.
    pub fn tag(&self, key: &str) -> Option<Value<'_>> {
        self.tags().find(|(tag_key, _)| *tag_key == key).map(|(_, value)| value)
    }

    /// Returns the events in the order in which they were added.
    pub fn events(&self) -> impl Iterator<Item = FinishedEvent<'_>> {
        self.0.rare.events.iter().map(|event| FinishedEvent { record: &self.0, event })
    }

    /// Returns the links to other spans.
    pub fn links(&self) -> impl Iterator<Item = FinishedLink<'_>> {
        self.0.rare.links.iter().map(|link| FinishedLink { record: &self.0, link })
    }

    /// Returns the number of tags over the limit.
    pub fn dropped_tags(&self) -> u32 {
        self.0.tags.dropped()
    }

    /// Returns the number of events over the limit.
    pub fn dropped_events(&self) -> u32 {
        self.0.rare.dropped_events
    }

    /// Returns the number of links that were dropped: over the limit, or to a context without a trace id.
    pub fn dropped_links(&self) -> u32 {
        self.0.rare.dropped_links
    }

    /// Returns the number of names, keys and values that were cut.
    pub fn truncated(&self) -> u32 {
        self.0.rare.arena.cuts()
    }
}

/// Returns the context that the span had at its start, without baggage and extensions.
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

/// An event of a finished span.
#[derive(Clone, Copy)]
pub struct FinishedEvent<'a> {
    record: &'a Record,
    event: &'a StoredEvent,
}

impl<'a> FinishedEvent<'a> {
    /// Returns the name of the event.
    pub fn name(&self) -> &'a str {
        self.record.rare.arena.read(self.event.name)
    }

    /// Returns the time of the event.
    pub fn at(&self) -> SystemTime {
        clock::time(wall(self.event.at))
    }

    /// Returns the tags of the event.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.record.rare.tag_ranges.iter(self.event.tags, &self.record.rare.arena)
    }

    /// Returns the value of the event tag with this key.
    pub fn tag(&self, key: &str) -> Option<Value<'a>> {
        self.tags().find(|(tag_key, _)| *tag_key == key).map(|(_, value)| value)
    }

    /// Returns the number of event tags over the limit.
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

/// A link from a finished span to another span.
#[derive(Clone, Copy)]
pub struct FinishedLink<'a> {
    record: &'a Record,
    link: &'a StoredLink,
}

impl<'a> FinishedLink<'a> {
    /// Returns the tags of the link, which describe the relation.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.record.rare.tag_ranges.iter(self.link.tags, &self.record.rare.arena)
    }

    /// Returns the number of link tags over the limit.
    pub fn dropped_tags(&self) -> u32 {
        self.link.tags.dropped
    }
}

/// Returns the context of the span that is linked to.
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

/// Returns a time in nanoseconds since the epoch. `Record::settle` has converted every time of a finished span.
fn wall(moment: Moment) -> u64 {
    match moment {
        Moment::Wall(nanos) => nanos,
        Moment::Ticks(_) => 0,
    }
}
