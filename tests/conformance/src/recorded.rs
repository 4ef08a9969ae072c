//! A recorded span, in a form that every backend can produce.

use std::time::SystemTime;

use anytrace_api::{EndReason, Kind, SpanId, TraceId, Value};

/// A finished span as the backend has recorded it.
///
/// Leave the fields that your backend does not record at their defaults from [`new`](Self::new), and do not claim the
/// capability for them.
///
/// ```
/// use anytrace_api::{SpanId, TraceId};
/// use anytrace_conformance::{RecordedSpan, RecordedValue};
///
/// let (trace, span) = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
/// let mut recorded = RecordedSpan::new("load", trace, span);
/// recorded.tags.push(("rows".to_owned(), RecordedValue::Int(3)));
/// assert_eq!(recorded.tag("rows"), Some(&RecordedValue::Int(3)));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordedSpan {
    /// The name of the span.
    pub name: String,
    /// The trace id.
    pub trace_id: TraceId,
    /// The span id.
    pub span_id: SpanId,
    /// The span id of the parent. `None` for a root.
    pub parent: Option<SpanId>,
    /// The kind. Default: `Kind::Internal`.
    pub kind: Kind,
    /// The tags, in any order. Duplicate keys fail the rules about tags.
    pub tags: Vec<(String, RecordedValue)>,
    /// The events, ordered by time.
    pub events: Vec<RecordedEvent>,
    /// The links.
    pub links: Vec<RecordedLink>,
    /// The status. `None` if it was not set.
    pub status: Option<RecordedStatus>,
    /// The name and version of the instrumentation scope.
    pub instrumentation_scope: Option<(String, String)>,
    /// The start time.
    pub start: SystemTime,
    /// The end time.
    pub end: SystemTime,
    /// The reason why the span ended. Default: `EndReason::Finished`.
    pub end_reason: EndReason,
    /// The number of tags that were dropped because of a limit.
    pub dropped_tags: u32,
    /// The number of events that were dropped because of a limit.
    pub dropped_events: u32,
    /// The number of links that were dropped because of a limit.
    pub dropped_links: u32,
}

/// An event of a recorded span.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    /// The name of the event.
    pub name: String,
    /// The time of the event.
    pub at: SystemTime,
    /// The tags.
    pub tags: Vec<(String, RecordedValue)>,
}

/// A link of a recorded span.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedLink {
    /// The trace id of the target.
    pub trace_id: TraceId,
    /// The span id of the target.
    pub span_id: SpanId,
    /// The tags.
    pub tags: Vec<(String, RecordedValue)>,
}

/// The status of a recorded span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedStatus {
    /// The operation succeeded.
    Ok,
    /// The operation failed. The description may be empty.
    Error(String),
}

/// The owned value of a recorded tag.
///
/// ```
/// use anytrace_api::Value;
/// use anytrace_conformance::RecordedValue;
///
/// assert_eq!(RecordedValue::from(Value::I64(7)), RecordedValue::Int(7));
/// let list = vec![RecordedValue::Text("a".into()), RecordedValue::Text("b".into())];
/// assert_eq!(RecordedValue::from(Value::from(&["a", "b"][..])), RecordedValue::List(list));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RecordedValue {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list of values of one type.
    List(Vec<RecordedValue>),
}

impl RecordedSpan {
    /// Creates a recorded root with these ids and defaults for all other fields.
    pub fn new(name: impl Into<String>, trace_id: TraceId, span_id: SpanId) -> Self {
        RecordedSpan {
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

    /// Returns the value of the tag `key`.
    pub fn tag(&self, key: &str) -> Option<&RecordedValue> {
        self.tags.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

impl FromIterator<RecordedValue> for RecordedValue {
    fn from_iter<I: IntoIterator<Item = RecordedValue>>(list: I) -> Self {
        RecordedValue::List(list.into_iter().collect())
    }
}

impl From<Value<'_>> for RecordedValue {
    /// Converts the value of a tag. `Value::Absent`, which is never recorded, becomes the empty text.
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Bool(value) => RecordedValue::Bool(value),
            Value::I64(value) => RecordedValue::Int(value.into()),
            Value::U64(value) => RecordedValue::Int(value.into()),
            Value::F64(value) => RecordedValue::Float(value),
            Value::Static(text) | Value::Copied(text) => RecordedValue::Text(text.to_owned()),
            Value::Bytes(bytes) => RecordedValue::Bytes(bytes.to_vec()),
            Value::Bools(list) => list.iter().copied().map(RecordedValue::Bool).collect(),
            Value::I64s(list) => list.iter().map(|value| RecordedValue::Int((*value).into())).collect(),
            Value::F64s(list) => list.iter().copied().map(RecordedValue::Float).collect(),
            Value::Texts(list) => list.iter().map(|text| RecordedValue::Text(text.to_owned())).collect(),
            _ => RecordedValue::Text(String::new()),
        }
    }
}
