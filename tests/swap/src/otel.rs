//! Spans in the in-memory exporter of OpenTelemetry's SDK.

use std::time::UNIX_EPOCH;

use opentelemetry::{
    Array, Value,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

use crate::tree::{Line, Node, tree};

pub(crate) fn exported_tree(memory: &InMemorySpanExporter) -> String {
    tree(memory.get_finished_spans().expect("not poisoned").iter().map(node).collect())
}

fn node(span: &SpanData) -> Node {
    let start = span.start_time.duration_since(UNIX_EPOCH).expect("after the epoch");
    Node {
        id: span.span_context.span_id().to_string(),
        parent: span.parent_span_id.to_string(),
        start: start.as_nanos(),
        line: line(span).write(),
    }
}

fn line(span: &SpanData) -> Line<'_> {
    Line {
        name: &span.name,
        kind: match span.span_kind {
            SpanKind::Client => "client",
            SpanKind::Server => "server",
            SpanKind::Producer => "producer",
            SpanKind::Consumer => "consumer",
            SpanKind::Internal => "",
        },
        tags: span.attributes.iter().map(|tag| (tag.key.to_string(), text(&tag.value))).collect(),
        events: span.events.iter().map(|event| event.name.to_string()).collect(),
        error: match &span.status {
            Status::Error { description } => Some(description.to_string()),
            Status::Ok | Status::Unset => None,
        },
    }
}

/// Formats a value. Lists have the reference tracer's format.
fn text(value: &Value) -> String {
    match value {
        Value::Array(Array::String(list)) => {
            format!("{:?}", list.iter().map(opentelemetry::StringValue::as_str).collect::<Vec<_>>())
        }
        value => value.to_string(),
    }
}
