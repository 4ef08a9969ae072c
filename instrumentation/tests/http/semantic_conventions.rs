//! The tags of `OpenTracing`, and of both conventions.

use std::net::SocketAddr;

use anytrace_api::{Status, Value};
use anytrace_instrumentation::{ClientPolicy, SemanticConventions, ServerPolicy, after_http_error};
use anytrace_recorder::{FinishedSpan, MockTracer};
use axum::{Router, routing::get as on_get};
use http::StatusCode;

use crate::harness::{fetch_traced, get, number, serve, server_policy, spans, text};

async fn call(conventions: SemanticConventions) -> (SocketAddr, FinishedSpan, FinishedSpan) {
    let mock = MockTracer::new();
    let app = Router::new().route("/down", on_get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let address = serve(app, server_policy(&mock).semantic_conventions(conventions)).await;
    let request = get(address, "/down?sig=c0ffee");
    fetch_traced(&mock, ClientPolicy::new().semantic_conventions(conventions), request).await.unwrap();
    spans(&mock, 3).await;
    (address, mock.span("GET"), mock.span("GET /down"))
}

fn keys(span: &FinishedSpan) -> Vec<&str> {
    span.tags().map(|(key, _)| key).collect()
}

#[tokio::test]
async fn open_tracing_spans_have_the_tags_of_open_tracing() {
    let (address, client, server) = call(SemanticConventions::OpenTracing).await;
    let url = format!("http://{address}/down?sig=REDACTED");
    for span in [&client, &server] {
        assert_eq!(text(span, "http.method").as_deref(), Some("GET"));
        assert_eq!(text(span, "http.url").as_deref(), Some(&*url));
        assert_eq!(number(span, "http.status_code"), Some(500));
        assert_eq!(span.tag("error"), Some(Value::Bool(true)));
    }
    assert_eq!(text(&client, "peer.ipv4").as_deref(), Some("127.0.0.1"));
    assert_eq!(number(&client, "peer.port"), Some(i64::from(address.port())));
    assert_eq!(
        keys(&client),
        ["http.method", "http.url", "peer.ipv4", "peer.port", "http.status_code", "error"]
    );
}

#[tokio::test]
async fn both_conventions_can_be_used_at_once() {
    let (_, client, server) = call(SemanticConventions::Both).await;
    assert_eq!(text(&client, "url.full"), text(&client, "http.url"));
    assert_eq!(text(&server, "url.path").as_deref(), Some("/down"));
    for span in [&client, &server] {
        assert_eq!(text(span, "error.type").as_deref(), Some("500"));
        assert_eq!(span.tag("error"), Some(Value::Bool(true)));
        assert_eq!(number(span, "http.response.status_code"), number(span, "http.status_code"));
    }
}

#[test]
fn errors_are_recorded_as_events_of_the_convention() {
    for (conventions, event, message) in [
        (SemanticConventions::OpenTelemetry, "exception", "exception.message"),
        (SemanticConventions::OpenTracing, "error", "message"),
    ] {
        let mock = MockTracer::new();
        let span = mock.handle().start_trace("call");
        after_http_error(&span, "refused", &ClientPolicy::new().semantic_conventions(conventions));
        span.finish();
        let span = mock.span("call");
        let found = span.events().next().unwrap();
        assert_eq!((found.name(), found.tag(message).unwrap().to_string().as_str()), (event, "refused"));
        assert!(matches!(span.status(), Some(Status::Error(why)) if why.as_str() == Some("refused")));
    }
}

#[test]
fn the_peer_tag_of_open_tracing_depends_on_the_address_family() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        .semantic_conventions(SemanticConventions::OpenTracing)
        .peer(|_| Some("[2001:db8::7]:4711".parse().unwrap()));
    let request = http::Request::get("/").body(()).unwrap();
    anytrace_instrumentation::before_request(&request, &policy).finish();
    let span = mock.span("GET");
    assert_eq!(text(&span, "peer.ipv6").as_deref(), Some("2001:db8::7"));
    assert_eq!((text(&span, "peer.ipv4"), number(&span, "peer.port")), (None, Some(4711)));
}
