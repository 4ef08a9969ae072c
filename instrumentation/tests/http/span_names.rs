//! Span names come from a small set of methods.

use anytrace_recorder::MockTracer;
use axum::{Router, routing::any};
use http::Method;

use anytrace_instrumentation::ClientPolicy;

use crate::harness::{fetch_traced, get, serve, server_policy, spans, text};

#[tokio::test]
async fn an_unknown_method_is_not_part_of_the_name() {
    let mock = MockTracer::new();
    let app = Router::new().route("/cache", any(|| async {}));
    let address = serve(app, server_policy(&mock)).await;
    let mut request = get(address, "/cache");
    *request.method_mut() = Method::from_bytes(b"PURGE").unwrap();
    fetch_traced(&mock, ClientPolicy::new(), request).await.unwrap();

    spans(&mock, 3).await;
    for span in [mock.span("HTTP /cache"), mock.span("HTTP")] {
        assert_eq!(text(&span, "http.request.method").as_deref(), Some("_OTHER"));
        assert_eq!(text(&span, "http.request.method_original").as_deref(), Some("PURGE"));
    }
}

#[tokio::test]
async fn methods_are_case_sensitive() {
    let mock = MockTracer::new();
    let address = serve(Router::new().route("/", any(|| async {})), server_policy(&mock)).await;
    let mut request = get(address, "/");
    *request.method_mut() = Method::from_bytes(b"get").unwrap();
    crate::harness::fetch(request).await;
    assert_eq!(text(&crate::harness::only(&mock).await, "http.request.method").as_deref(), Some("_OTHER"));
}
