//! Spans as text, for the eyes of whoever reads a test.

use std::fmt::Write;

use anytrace_api::{EndReason, Kind, Status, TraceContext};

use crate::FinishedSpan;

/// Spans beneath their parents; roots and siblings in the order of their starts.
pub(super) struct Tree {
    spans: Vec<FinishedSpan>,
}

impl Tree {
    pub(super) fn new(mut spans: Vec<FinishedSpan>) -> Self {
        spans.sort_by_key(FinishedSpan::start);
        Tree { spans }
    }

    /// Each with its depth, parents first.
    fn walk(&self, mut visit: impl FnMut(usize, &FinishedSpan)) {
        let mut open: Vec<(usize, &FinishedSpan)> =
            self.spans.iter().rev().filter(|span| self.is_root(span)).map(|span| (0, span)).collect();
        while let Some((depth, span)) = open.pop() {
            visit(depth, span);
            let children = self.spans.iter().rev().filter(|other| is_beneath(other, span));
            open.extend(children.map(|child| (depth + 1, child)));
        }
    }

    /// Its parent is not among them.
    fn is_root(&self, span: &FinishedSpan) -> bool {
        !self.spans.iter().any(|other| is_beneath(span, other))
    }

    /// A line for each.
    pub(super) fn lines(&self) -> String {
        let mut text = String::new();
        self.walk(|depth, span| {
            text.push_str(&"  ".repeat(depth));
            write_span(&mut text, span);
            text.push('\n');
        });
        text
    }

    /// All in one line, by their names.
    pub(super) fn outline(&self) -> String {
        let mut text = String::new();
        let mut open = 0;
        self.walk(|depth, span| {
            let separator = match depth {
                deeper if deeper > open => "(".to_owned(),
                _ if text.is_empty() => String::new(),
                _ => format!("{}{}", ")".repeat(open - depth), if depth == 0 { " " } else { ", " }),
            };
            text.push_str(&separator);
            text.push_str(span.name());
            open = depth;
        });
        text.push_str(&")".repeat(open));
        text
    }
}

/// A half of a shared span is not beneath its other half, though both go by one id.
fn is_beneath(span: &FinishedSpan, other: &FinishedSpan) -> bool {
    span.parent_span_id() == Some(other.span_id()) && span.trace_id() == other.trace_id()
}

/// Writing into a string does not fail.
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
        Some(Status::Error(why)) => {
            let _ = write!(text, " error({why})");
        }
        _ => {}
    }
    if span.end_reason() != EndReason::Finished {
        let _ = write!(text, " {}", span.end_reason().as_str());
    }
}
