//! Spans of all servers in one form.

mod compare;
mod otlp;
mod tree;
mod zipkin;

use std::collections::BTreeMap;

pub use self::{
    compare::differences,
    otlp::otlp,
    tree::{check_tree, render_tree},
    zipkin::{as_in_zipkin, zipkin, zipkin_many},
};

/// A span as a server stores it.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanView {
    /// The trace id, 32 hex digits.
    pub trace_id: String,
    /// The span id, 16 hex digits.
    pub span_id: String,
    /// The id of the parent span, 16 hex digits.
    pub parent: Option<String>,
    /// True if the parent is in another process. `None` if the server does not know.
    pub parent_is_remote: Option<bool>,
    /// The name.
    pub name: String,
    /// The kind: `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: &'static str,
    /// The name of the service.
    pub service: String,
    /// The name and the version of the instrumentation scope.
    pub scope: (String, String),
    /// The tags by key.
    pub tags: Tags,
    /// The events, ordered by time.
    pub events: Vec<EventView>,
    /// The links, in the server's order.
    pub links: Vec<LinkView>,
    /// The status.
    pub outcome: Outcome,
    /// The start in nanoseconds since the Unix epoch.
    pub start: u64,
    /// The duration in nanoseconds.
    pub duration: u64,
    /// The trace state as a header value.
    pub trace_state: String,
    /// The numbers of dropped tags, events and links.
    pub dropped: [u64; 3],
    /// Zipkin's `debug` flag.
    pub debug: bool,
}

/// Tags by key.
pub type Tags = BTreeMap<String, TagView>;

/// The value of a tag.
#[derive(Clone, Debug, PartialEq)]
pub enum TagView {
    /// A string.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// Bytes in base64.
    Bytes(String),
    /// A list of values.
    List(Vec<TagView>),
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// The time in nanoseconds since the Unix epoch.
    pub at: u64,
    /// The name.
    pub name: String,
    /// The tags by key.
    pub tags: Tags,
}

/// A link to another span.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkView {
    /// The trace id, 32 hex digits.
    pub trace_id: String,
    /// The span id, 16 hex digits.
    pub span_id: String,
    /// The tags by key.
    pub tags: Tags,
}

/// The status of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No status was set.
    Unset,
    /// The operation succeeded.
    Ok,
    /// The operation failed, with a message.
    Error(String),
}

/// Samples recorded by both servers for the same spans, shortened by one long text: a server span with every type of
/// tag, and children of every kind with events, links and errors.
#[cfg(test)]
mod samples {
    use super::*;

    const COLLECTOR: &str = include_str!("samples/collector.jsonl");
    const ZIPKIN: &str = include_str!("samples/zipkin.json");

    fn named<'a>(spans: &'a [SpanView], name: &str) -> &'a SpanView {
        spans.iter().find(|span| span.name == name).unwrap()
    }

    #[test]
    fn the_collectors_output_is_parsed() {
        let spans = otlp(COLLECTOR).unwrap();
        let root = named(&spans, "GET /Bücher/{ID}");
        assert_eq!((root.kind, root.service.as_str(), &root.parent), ("server", "Bücher & Co", &None));
        assert_eq!((root.start, root.duration), (1_790_000_000_123_456_789, 7_654_321));
        assert_eq!(root.tags["least"], TagView::I64(i64::MIN));
        assert_eq!(root.tags["whole"], TagView::F64(5.0));
        assert_eq!(root.tags["bools"], TagView::List(vec![TagView::Bool(true), TagView::Bool(false)]));
        assert_eq!(root.tags["bytes"], TagView::Bytes("AP9/".to_owned()));
        let client = named(&spans, "SELECT shelves");
        assert_eq!(client.parent.as_ref(), Some(&named(&spans, "take").span_id));
        assert_eq!(client.scope, ("shelf".to_owned(), "2.1.0-ß".to_owned()));
        assert_eq!(client.parent_is_remote, Some(false));
        assert_eq!(client.outcome, Outcome::Error("no shelf: \"größer\" than\nall".to_owned()));
        assert_eq!(named(&spans, "tell").outcome, Outcome::Error(String::new()));
        let links = &named(&spans, "take").links;
        assert_eq!((links.len(), &links[0].tags["rank"]), (2, &TagView::I64(2)));
    }

    #[test]
    fn invalid_lines_are_rejected_and_incomplete_ones_ignored() {
        let spans = otlp(COLLECTOR).unwrap();
        assert_eq!(otlp(&format!("{COLLECTOR}{{\"half\":")).unwrap().len(), spans.len());
        for (valid, invalid) in [
            ("\"kind\":2", "\"kind\":0"),
            ("\"boolValue\":true", "\"boolValue\":1"),
            ("\"doubleValue\":0.1", "\"floatValue\":0.1"),
            ("\"key\":\"yes\"", "\"key\":\"no\""),
            (
                "\"startTimeUnixNano\":\"1790000000123456789\"",
                "\"startTimeUnixNano\":\"9790000000123456789\"",
            ),
        ] {
            assert!(COLLECTOR.contains(valid), "{valid}");
            assert!(otlp(&COLLECTOR.replacen(valid, invalid, 1)).is_err(), "{invalid}");
        }
        assert!(zipkin(&ZIPKIN.replacen("\"SERVER\"", "\"INTERNAL\"", 1)).is_err());
        assert!(zipkin("{}").is_err());
    }

    #[test]
    fn zipkin_has_the_same_spans_in_its_own_form() {
        let (collected, zipkin) = (otlp(COLLECTOR).unwrap(), zipkin(ZIPKIN).unwrap());
        let mut reduced: Vec<SpanView> = collected.iter().map(as_in_zipkin).collect();
        // The time of the exception is the only one that the sample program did not set.
        let exception = |spans: &[SpanView]| named(spans, "select shelves").events[0].clone();
        assert_ne!(exception(&reduced).at, exception(&zipkin).at);
        assert_eq!(render_tree(&reduced, &|_| false), render_tree(&zipkin, &|_| false));
        let takes = (named(&reduced, "take").clone(), named(&zipkin, "take").clone());
        assert_eq!((takes.0.start, takes.0.duration), (takes.1.start, takes.1.duration));
        reduced[0].tags.insert("more".to_owned(), TagView::Bool(true));
        assert_ne!(render_tree(&reduced, &|_| false), render_tree(&zipkin, &|_| false));
    }
}
