//! A span as a server holds it, in one form for all of them.

mod compare;
mod otlp;
mod tree;
mod zipkin;

use std::collections::BTreeMap;

pub use self::{
    compare::differences,
    otlp::otlp,
    tree::{drawn, whole},
    zipkin::{as_zipkin_says, zipkin},
};

/// A span.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanView {
    /// 32 digits.
    pub trace_id: String,
    /// 16 digits.
    pub span_id: String,
    /// 16 digits.
    pub parent: Option<String>,
    /// Whether the parent is another process's, where that is said.
    pub parent_is_remote: Option<bool>,
    /// As text.
    pub name: String,
    /// `internal`, `server`, `client`, `producer`, `consumer`.
    pub kind: &'static str,
    /// The name of the service.
    pub service: String,
    /// The library that made it, and its version.
    pub scope: (String, String),
    /// By key.
    pub tags: Tags,
    /// In the order of their times.
    pub events: Vec<EventView>,
    /// In the order in which they are held.
    pub links: Vec<LinkView>,
    /// How it went.
    pub outcome: Outcome,
    /// In nanoseconds since the epoch.
    pub start: u64,
    /// In nanoseconds.
    pub duration: u64,
    /// As in `tracestate`.
    pub trace_state: String,
    /// Tags, events and links that were left out.
    pub dropped: [u64; 3],
    /// Zipkin's `debug`.
    pub debug: bool,
}

/// Tags by key.
pub type Tags = BTreeMap<String, TagView>;

/// The value of a tag.
#[derive(Clone, Debug, PartialEq)]
pub enum TagView {
    /// Text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// An integer.
    I64(i64),
    /// A number with a point.
    F64(f64),
    /// Bytes, in base64.
    Bytes(String),
    /// A list.
    List(Vec<TagView>),
}

/// Something that happened within a span.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// In nanoseconds since the epoch.
    pub at: u64,
    /// What happened.
    pub name: String,
    /// By key.
    pub tags: Tags,
}

/// Another span that a span has to do with.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkView {
    /// 32 digits.
    pub trace_id: String,
    /// 16 digits.
    pub span_id: String,
    /// By key.
    pub tags: Tags,
}

/// How a span went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody said.
    Unset,
    /// Well.
    Ok,
    /// Not well, and what was said about it.
    Error(String),
}
