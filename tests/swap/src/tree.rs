//! Span trees in the format of `MockTracer::tree`.

use std::fmt::Write;

/// A recorded or exported span.
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) parent: String,
    /// The start time since the epoch, in any unit. Siblings are sorted by it; the sort is stable.
    pub(crate) start: u128,
    /// The formatted span.
    pub(crate) line: String,
}

/// The parts of a line, in order.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    /// The kind. Empty for internal spans.
    pub(crate) kind: &'a str,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) events: Vec<String>,
    pub(crate) error: Option<String>,
}

impl Line<'_> {
    pub(crate) fn write(&self) -> String {
        let mut line = self.name.to_owned();
        let mut push =
            |part: std::fmt::Arguments<'_>| line.write_fmt(part).expect("writing to a string cannot fail");
        if !self.kind.is_empty() {
            push(format_args!(" [{}]", self.kind));
        }
        for (key, value) in &self.tags {
            push(format_args!(" {key}={value}"));
        }
        for event in &self.events {
            push(format_args!(" !{event}"));
        }
        if let Some(description) = &self.error {
            push(format_args!(" error({description})"));
        }
        line
    }
}

/// Formats one line per span, indented below its parent.
pub(crate) fn tree(mut spans: Vec<Node>) -> String {
    spans.sort_by_key(|span| span.start);
    let is_root = |span: &&Node| spans.iter().all(|other| other.id != span.parent);
    let mut open: Vec<(usize, &Node)> = spans.iter().rev().filter(is_root).map(|root| (0, root)).collect();
    let mut text = String::new();
    while let Some((depth, span)) = open.pop() {
        text.push_str(&"  ".repeat(depth));
        text.push_str(&span.line);
        text.push('\n');
        let children = spans.iter().rev().filter(|other| other.parent == span.id);
        open.extend(children.map(|child| (depth + 1, child)));
    }
    text
}
