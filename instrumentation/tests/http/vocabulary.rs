//! The words of `OpenTracing`, and both at once.

use std::net::SocketAddr;

use anytrace_api::{Status, Value};
use anytrace_instrumentation::{ClientPolicy, ServerPolicy, Vocabulary, after_http_error};
use anytrace_recorder::{FinishedSpan, MockTracer};
use axum::{Router, routing::get as on_get};
use http::StatusCode;

use crate::harness::{fetch_traced, get, number, serve, server_policy, spans, text};

async fn call(vocabulary: Vocabulary) -> (SocketAddr, FinishedSpan, FinishedSpan) {
    let mock = MockTracer::new();
    let app = Router::new().route("/down", on_get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let address = serve(app, server_policy(&mock).vocabulary(vocabulary)).await;
    let request = get(address, "/down?sig=c0ffee");
    fetch_traced(&mock, ClientPolicy::new().vocabulary(vocabulary), request).await.unwrap();
    spans(&mock, 3).await;
    (address, mock.span("GET"), mock.span("GET /down"))
}

fn keys(span: &FinishedSpan) -> Vec<&str> {
    span.tags().map(|(key, _)| key).collect()
}

#[tokio::test]
async fn of_open_tracing() {
    let (address, client, server) = call(Vocabulary::OpenTracing).await;
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
async fn of_both() {
    let (_, client, server) = call(Vocabulary::Both).await;
    assert_eq!(text(&client, "url.full"), text(&client, "http.url"));
    assert_eq!(text(&server, "url.path").as_deref(), Some("/down"));
    for span in [&client, &server] {
        assert_eq!(text(span, "error.type").as_deref(), Some("500"));
        assert_eq!(span.tag("error"), Some(Value::Bool(true)));
        assert_eq!(number(span, "http.response.status_code"), number(span, "http.status_code"));
    }
}

#[test]
fn an_error_is_an_event_of_either() {
    for (vocabulary, event, message) in [
        (Vocabulary::Semconv, "exception", "exception.message"),
        (Vocabulary::OpenTracing, "error", "message"),
    ] {
        let mock = MockTracer::new();
        let span = mock.handle().start_trace("call");
        after_http_error(&span, "refused", &ClientPolicy::new().vocabulary(vocabulary));
        span.finish();
        let span = mock.span("call");
        let found = span.events().next().unwrap();
        assert_eq!((found.name(), found.tag(message).unwrap().to_string().as_str()), (event, "refused"));
        assert!(matches!(span.status(), Some(Status::Error(why)) if why.as_str() == Some("refused")));
    }
}

#[test]
fn the_other_side_of_a_server_is_told_by_its_kind_of_address() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        .vocabulary(Vocabulary::OpenTracing)
        .peer(|_| Some("[2001:db8::7]:4711".parse().unwrap()));
    let request = http::Request::get("/").body(()).unwrap();
    anytrace_instrumentation::before_request(&request, &policy).finish();
    let span = mock.span("GET");
    assert_eq!(text(&span, "peer.ipv6").as_deref(), Some("2001:db8::7"));
    assert_eq!((text(&span, "peer.ipv4"), number(&span, "peer.port")), (None, Some(4711)));
}
