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
    zipkin::{as_zipkin_says, zipkin, zipkin_many},
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

/// The same work as two servers wrote it down, without one long text: a server with every type of tag, its children of
/// every kind, with events, links and failures.
#[cfg(test)]
mod samples {
    use super::*;

    const COLLECTOR: &str = include_str!("samples/collector.jsonl");
    const ZIPKIN: &str = include_str!("samples/zipkin.json");

    fn named<'a>(spans: &'a [SpanView], name: &str) -> &'a SpanView {
        spans.iter().find(|span| span.name == name).unwrap()
    }

    #[test]
    fn what_the_collector_wrote_is_read() {
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
    fn what_is_wrong_is_refused_and_what_is_half_written_is_left_out() {
        let spans = otlp(COLLECTOR).unwrap();
        assert_eq!(otlp(&format!("{COLLECTOR}{{\"half\":")).unwrap().len(), spans.len());
        for (right, wrong) in [
            ("\"kind\":2", "\"kind\":0"),
            ("\"boolValue\":true", "\"boolValue\":1"),
            ("\"doubleValue\":0.1", "\"floatValue\":0.1"),
            ("\"key\":\"yes\"", "\"key\":\"no\""),
            (
                "\"startTimeUnixNano\":\"1790000000123456789\"",
                "\"startTimeUnixNano\":\"9790000000123456789\"",
            ),
        ] {
            assert!(COLLECTOR.contains(right), "{right}");
            assert!(otlp(&COLLECTOR.replacen(right, wrong, 1)).is_err(), "{wrong}");
        }
        assert!(zipkin(&ZIPKIN.replacen("\"SERVER\"", "\"INTERNAL\"", 1)).is_err());
        assert!(zipkin("{}").is_err());
    }

    #[test]
    fn zipkin_says_the_same_in_its_own_words() {
        let (collected, zipkin) = (otlp(COLLECTOR).unwrap(), zipkin(ZIPKIN).unwrap());
        let mut said: Vec<SpanView> = collected.iter().map(as_zipkin_says).collect();
        // The one time that was not made up.
        let exception = |spans: &[SpanView]| named(spans, "select shelves").events[0].clone();
        assert_ne!(exception(&said).at, exception(&zipkin).at);
        assert_eq!(drawn(&said, &|_| false), drawn(&zipkin, &|_| false));
        let takes = (named(&said, "take").clone(), named(&zipkin, "take").clone());
        assert_eq!((takes.0.start, takes.0.duration), (takes.1.start, takes.1.duration));
        said[0].tags.insert("more".to_owned(), TagView::Bool(true));
        assert_ne!(drawn(&said, &|_| false), drawn(&zipkin, &|_| false));
    }
}
