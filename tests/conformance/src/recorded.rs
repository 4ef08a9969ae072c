//! What a backend shows of a span that it has recorded.

use std::time::SystemTime;

use anytrace_api::{EndReason, Kind, SpanId, TraceId, Value};

/// A finished span as a backend has recorded it. What it cannot know stays as in [`new`](Self::new), and the capability
/// for it is not claimed.
///
/// ```
/// use anytrace_api::{SpanId, TraceId};
/// use anytrace_conformance::{Recorded, Said};
///
/// let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// let mut recorded = Recorded::new("load", trace, span);
/// recorded.tags.push(("rows".to_owned(), Said::Int(3)));
/// assert_eq!(recorded.tag("rows"), Some(&Said::Int(3)));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// The name.
    pub name: String,
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// The parent; none for a root.
    pub parent: Option<SpanId>,
    /// The kind.
    pub kind: Kind,
    /// The tags, in any order; a key that is there twice is a fault.
    pub tags: Vec<(String, Said)>,
    /// The events, in the order of their times.
    pub events: Vec<RecordedEvent>,
    /// The links.
    pub links: Vec<RecordedLink>,
    /// The status, where one was set.
    pub status: Option<RecordedStatus>,
    /// The library that made it: name and version.
    pub instrumentation_scope: Option<(String, String)>,
    /// When it started.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// How it ended.
    pub end_reason: EndReason,
    /// Tags that were left out.
    pub dropped_tags: u32,
    /// Events that were left out.
    pub dropped_events: u32,
    /// Links that were left out.
    pub dropped_links: u32,
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    /// Its name.
    pub name: String,
    /// When it happened.
    pub at: SystemTime,
    /// Its tags.
    pub tags: Vec<(String, Said)>,
}

/// A link of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedLink {
    /// The trace that it leads to.
    pub trace_id: TraceId,
    /// The span that it leads to.
    pub span_id: SpanId,
    /// Its tags.
    pub tags: Vec<(String, Said)>,
}

/// How a span went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedStatus {
    /// Well.
    Ok,
    /// Not: with the description, empty where there is none.
    Error(String),
}

/// The value of a tag, owned.
///
/// ```
/// use anytrace_api::Value;
/// use anytrace_conformance::Said;
///
/// assert_eq!(Said::from(Value::I64(7)), Said::Int(7));
/// assert_eq!(Said::from(Value::from(&["a", "b"][..])), Said::List(vec![Said::Text("a".into()), Said::Text("b".into())]));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Said {
    /// Yes or no.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Said>),
}

impl Recorded {
    /// One without anything else to tell.
    pub fn new(name: impl Into<String>, trace_id: TraceId, span_id: SpanId) -> Self {
        Recorded {
            name: name.into(),
            trace_id,
            span_id,
            parent: None,
            kind: Kind::Internal,
            tags: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            status: None,
            instrumentation_scope: None,
            start: SystemTime::UNIX_EPOCH,
            end: SystemTime::UNIX_EPOCH,
            end_reason: EndReason::Finished,
            dropped_tags: 0,
            dropped_events: 0,
            dropped_links: 0,
        }
    }

    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&Said> {
        self.tags.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

/// A list.
impl FromIterator<Said> for Said {
    fn from_iter<I: IntoIterator<Item = Said>>(list: I) -> Self {
        Said::List(list.into_iter().collect())
    }
}

impl From<Value<'_>> for Said {
    /// Absent is the empty text: it is never recorded.
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Bool(value) => Said::Bool(value),
            Value::I64(value) => Said::Int(value.into()),
            Value::U64(value) => Said::Int(value.into()),
            Value::F64(value) => Said::Float(value),
            Value::Static(text) | Value::Copied(text) => Said::Text(text.to_owned()),
            Value::Bytes(bytes) => Said::Bytes(bytes.to_vec()),
            Value::Bools(list) => list.iter().copied().map(Said::Bool).collect(),
            Value::I64s(list) => list.iter().map(|value| Said::Int((*value).into())).collect(),
            Value::F64s(list) => list.iter().copied().map(Said::Float).collect(),
            Value::Texts(list) => list.iter().map(|text| Said::Text(text.to_owned())).collect(),
            _ => Said::Text(String::new()),
        }
    }
}
