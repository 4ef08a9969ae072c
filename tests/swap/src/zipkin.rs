//! A Zipkin server in this process, which keeps the received spans.

use anytrace_test_receiver::{Receiver, ScriptedResponse};
use serde_json::Value;

use crate::tree::{Line, Node, tree};

pub(crate) struct Zipkin(Receiver);

impl Zipkin {
    /// Starts the server, which runs until the process ends.
    pub(crate) fn start() -> Self {
        Zipkin(Receiver::always(ScriptedResponse::status(202)))
    }

    pub(crate) fn endpoint(&self) -> String {
        self.0.url("/api/v2/spans")
    }

    pub(crate) fn received_tree(&self) -> String {
        let messages = self.0.accepted().into_iter();
        let spans = messages
            .flat_map(|message| serde_json::from_str::<Vec<Value>>(message.text()).expect("a list of spans"));
        tree(spans.map(|span| node(&span)).collect())
    }
}

fn node(span: &Value) -> Node {
    let text = |key: &str| span[key].as_str().unwrap_or_default().to_owned();
    Node {
        id: text("id"),
        parent: text("parentId"),
        start: span["timestamp"].as_u64().unwrap_or_default().into(),
        line: line(span).write(),
    }
}

fn line(span: &Value) -> Line<'_> {
    let kind = match span["kind"].as_str() {
        Some("SERVER") => "server",
        Some("CLIENT") => "client",
        Some("PRODUCER") => "producer",
        Some("CONSUMER") => "consumer",
        _ => "",
    };
    let tags = || {
        let tags = span["tags"].as_object().into_iter().flatten();
        tags.map(|(key, value)| (key.clone(), value.as_str().expect("tags are text")))
    };
    let annotations = span["annotations"].as_array().into_iter().flatten();
    Line {
        name: span["name"].as_str().unwrap_or_default(),
        kind,
        // Without the tags that OpenTelemetry's mapping adds.
        tags: tags()
            .filter(|(key, _)| key != "error" && !key.starts_with("otel."))
            .map(|(key, value)| (key, list(value).unwrap_or_else(|| value.to_owned())))
            .collect(),
        events: annotations.map(|event| event_name(event["value"].as_str().expect("a text"))).collect(),
        error: tags().find(|(key, _)| key == "error").map(|(_, description)| description.to_owned()),
    }
}

/// Formats a list like the reference tracer. `None` if the value is not a list.
fn list(value: &str) -> Option<String> {
    let list: Vec<String> = serde_json::from_str(value).ok()?;
    Some(format!("{list:?}"))
}

/// Returns the name of an event. An event with tags has the form `"name": {…}`.
fn event_name(value: &str) -> String {
    let with_tags: Option<serde_json::Map<_, _>> = serde_json::from_str(&format!("{{{value}}}")).ok();
    with_tags.and_then(|object| object.keys().next().cloned()).unwrap_or_else(|| value.to_owned())
}
