//! A Zipkin server of this process, which keeps what it is sent.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::Value;

use crate::tree::{Line, Node, tree};

/// What it was sent.
type Spans = Arc<Mutex<Vec<Value>>>;

pub(crate) struct Zipkin {
    pub(crate) endpoint: String,
    spans: Spans,
}

impl Zipkin {
    /// Answers for as long as the process lives.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let endpoint = format!("http://{}/api/v2/spans", listener.local_addr().expect("it is bound"));
        let spans = Spans::default();
        let router = Router::new().route("/api/v2/spans", post(keep)).with_state(spans.clone());
        std::thread::spawn(move || serve(listener, router));
        Zipkin { endpoint, spans }
    }

    pub(crate) fn kept(&self) -> String {
        tree(self.spans.lock().expect("nobody panicked").iter().map(node).collect())
    }
}

async fn keep(State(spans): State<Spans>, Json(more): Json<Vec<Value>>) -> StatusCode {
    spans.lock().expect("nobody panicked").extend(more);
    StatusCode::ACCEPTED
}

#[tokio::main(flavor = "current_thread")]
async fn serve(listener: std::net::TcpListener, router: Router) {
    listener.set_nonblocking(true).expect("sockets can be");
    let listener = tokio::net::TcpListener::from_std(listener).expect("within a runtime");
    axum::serve(listener, router).await.expect("it goes on for ever");
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
        // Those of OpenTelemetry's mapping are not the caller's.
        tags: tags()
            .filter(|(key, _)| key != "error" && !key.starts_with("otel."))
            .map(|(key, value)| (key, list(value).unwrap_or_else(|| value.to_owned())))
            .collect(),
        events: annotations.map(|event| event_name(event["value"].as_str().expect("a text"))).collect(),
        error: tags().find(|(key, _)| key == "error").map(|(_, why)| why.to_owned()),
    }
}

/// Lists are written as the reference tracer writes them.
fn list(value: &str) -> Option<String> {
    let list: Vec<String> = serde_json::from_str(value).ok()?;
    Some(format!("{list:?}"))
}

/// An event with tags is `"name": {…}`.
fn event_name(value: &str) -> String {
    let with_tags: Option<serde_json::Map<_, _>> = serde_json::from_str(&format!("{{{value}}}")).ok();
    with_tags.and_then(|one| one.keys().next().cloned()).unwrap_or_else(|| value.to_owned())
}
