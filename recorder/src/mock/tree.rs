//! Finished spans as text, for assertions in tests.

use std::fmt::Write;

use anytrace_api::{EndReason, Kind, Status, TraceContext};

use crate::FinishedSpan;

/// Finished spans in a tree. Roots and siblings are in the order of their starts.
pub(super) struct Tree {
    spans: Vec<FinishedSpan>,
}

impl Tree {
    pub(super) fn new(mut spans: Vec<FinishedSpan>) -> Self {
        spans.sort_by_key(FinishedSpan::start);
        Tree { spans }
    }

    /// Visits each span with its depth, parents first.
    fn walk(&self, mut visit: impl FnMut(usize, &FinishedSpan)) {
        let mut pending: Vec<(usize, &FinishedSpan)> =
            self.spans.iter().rev().filter(|span| self.is_root(span)).map(|span| (0, span)).collect();
        while let Some((depth, span)) = pending.pop() {
            visit(depth, span);
            let children = self.spans.iter().rev().filter(|other| is_child(other, span));
            pending.extend(children.map(|child| (depth + 1, child)));
        }
    }

    /// Returns true if the parent of the span is not in the tree.
    fn is_root(&self, span: &FinishedSpan) -> bool {
        !self.spans.iter().any(|other| is_child(span, other))
    }

    /// Returns one line per span.
    pub(super) fn lines(&self) -> String {
        let mut text = String::new();
        self.walk(|depth, span| {
            text.push_str(&"  ".repeat(depth));
            write_span(&mut text, span);
            text.push('\n');
        });
        text
    }

    /// Returns all names in one line.
    pub(super) fn outline(&self) -> String {
        let mut text = String::new();
        let mut open_parentheses = 0;
        self.walk(|depth, span| {
            let separator = match depth {
                deeper if deeper > open_parentheses => "(".to_owned(),
                _ if text.is_empty() => String::new(),
                _ => {
                    format!("{}{}", ")".repeat(open_parentheses - depth), if depth == 0 { " " } else { ", " })
                }
            };
            text.push_str(&separator);
            text.push_str(span.name());
            open_parentheses = depth;
        });
        text.push_str(&")".repeat(open_parentheses));
        text
    }
}

/// Returns true if `other` is the parent of `span`. The halves of a shared span have one id and the same parent, so
/// neither is the child of the other.
fn is_child(span: &FinishedSpan, other: &FinishedSpan) -> bool {
    span.parent_span_id() == Some(other.span_id()) && span.trace_id() == other.trace_id()
}

/// Appends the line of a span. Results are ignored because writing to a `String` cannot fail.
fn write_span(text: &mut String, span: &FinishedSpan) {
    text.push_str(span.name());
    if span.kind() != Kind::Internal {
        let _ = write!(text, " [{}]", span.kind().as_str());
    }
    for (key, value) in span.tags() {
        let _ = write!(text, " {key}={value}");
    }
    for event in span.events() {
        let _ = write!(text, " !{}", event.name());
    }
    for id in span.links().filter_map(|link| link.context().span_id()) {
        let _ = write!(text, " ~{id}");
    }
    match span.status() {
        Some(Status::Ok) => text.push_str(" ok"),
        Some(Status::Error(message)) => {
            let _ = write!(text, " error({message})");
        }
        _ => {}
    }
    if span.end_reason() != EndReason::Finished {
        let _ = write!(text, " {}", span.end_reason().as_str());
    }
}
