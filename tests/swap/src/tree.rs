//! What a backend has kept, as `MockTracer::tree` writes it.

use std::fmt::Write;

/// One span, read back from wherever it went.
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) parent: String,
    /// Since the epoch, in any unit: siblings are told in this order, and those with the same in the order they came.
    pub(crate) start: u128,
    /// All that there is to say.
    pub(crate) line: String,
}

/// The parts of a line, in their order.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    /// Empty for internal.
    pub(crate) kind: &'a str,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) events: Vec<String>,
    pub(crate) error: Option<String>,
}

impl Line<'_> {
    pub(crate) fn write(&self) -> String {
        let mut line = self.name.to_owned();
        let mut push = |part: std::fmt::Arguments<'_>| line.write_fmt(part).expect("text takes everything");
        if !self.kind.is_empty() {
            push(format_args!(" [{}]", self.kind));
        }
        for (key, value) in &self.tags {
            push(format_args!(" {key}={value}"));
        }
        for event in &self.events {
            push(format_args!(" !{event}"));
        }
        if let Some(why) = &self.error {
            push(format_args!(" error({why})"));
        }
        line
    }
}

/// A line for each span, beneath its parent.
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
