//! Traces across two services.

use std::net::SocketAddr;

use anytrace_api::{set_baggage, start_span};
use anytrace_instrumentation::{ClientPolicy, RequestContext, ServerPolicy};
use anytrace_recorder::MockTracer;
use axum::{Router, extract::State, routing::get as on_get};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::harness::{client, fetch, get, only, serve, server_policy, spans, text};

/// Calls the next service and returns its response.
async fn front(State(next): State<SocketAddr>) -> String {
    let policy = ClientPolicy::new().correlation_header("x-correlation-id").on_request(|_, request| {
        request.headers_mut().insert("x-service-name", "front".parse().unwrap());
    });
    let response = client(policy).oneshot(get(next, "/stock/7")).await.unwrap();
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// Returns the correlation id, the caller and the tenant.
async fn back() -> String {
    start_span("look").finish();
    let request = RequestContext::current().unwrap();
    let tenant = request.baggage().get("tenant").unwrap_or("none").to_owned();
    format!("{} {} {tenant}", request.correlation_id().unwrap(), request.caller().unwrap_or("nobody"))
}

async fn services(front_policy: ServerPolicy, back_policy: ServerPolicy) -> SocketAddr {
    let next = serve(Router::new().route("/stock/{id}", on_get(back)), back_policy).await;
    let app = Router::new()
        .route("/order", on_get(front))
        .route(
            "/tenant",
            on_get(async |next: State<SocketAddr>| {
                set_baggage("tenant", "acme").unwrap();
                front(next).await
            }),
        )
        .with_state(next);
    serve(app, front_policy).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_of_two_services_form_one_trace() {
    let mock = MockTracer::new();
    let address = services(server_policy(&mock), server_policy(&mock)).await;
    fetch(get(address, "/order")).await;
    spans(&mock, 4).await;
    let names: Vec<_> =
        mock.tree().lines().map(|line| line.split(" http").next().unwrap().to_owned()).collect();
    assert_eq!(
        names,
        ["GET /order [server]", "  GET [client]", "    GET /stock/{id} [server]", "      look"]
    );
    let (client, server) = (mock.span("GET"), mock.span("GET /stock/{id}"));
    assert_eq!(server.parent_span_id(), Some(client.span_id()));
    assert!(server.parent_is_remote());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_correlation_id_and_the_callers_name_reach_the_next_service() {
    let mock = MockTracer::new();
    let back = server_policy(&mock).caller_headers(["x-absent", "x-service-name"]);
    let address = services(server_policy(&mock), back).await;
    let mut request = get(address, "/order");
    request.headers_mut().insert("x-request-id", "order-7f3a".parse().unwrap());
    assert_eq!(fetch(request).await.body(), "order-7f3a front none");
    spans(&mock, 4).await;
    for name in ["GET /order", "GET /stock/{id}"] {
        assert_eq!(text(&mock.span(name), "correlation_id").as_deref(), Some("order-7f3a"));
    }
    assert_eq!(text(&mock.span("GET /stock/{id}"), "peer.service").as_deref(), Some("front"));
}

#[tokio::test]
async fn the_correlation_id_can_be_sent_in_the_baggage() {
    let mock = MockTracer::new();
    let policy = || server_policy(&mock).correlation_in_baggage("correlation").correlation_headers(["x-id"]);
    let address = services(policy(), policy()).await;
    let mut request = get(address, "/order");
    request.headers_mut().insert("x-id", "order-7f3a".parse().unwrap());
    assert_eq!(fetch(request).await.body(), "order-7f3a nobody none");
}

#[tokio::test]
async fn without_a_valid_correlation_id_the_trace_id_is_used() {
    let mock = MockTracer::new();
    let address = services(server_policy(&mock), server_policy(&mock)).await;
    let mut request = get(address, "/order");
    request.headers_mut().insert("x-correlation-id", "two words".parse().unwrap());
    request.headers_mut().insert("x-request-id", "x".repeat(129).parse().unwrap());
    let response = fetch(request).await;
    spans(&mock, 4).await;
    let trace = mock.span("look").trace_id().to_string();
    assert_eq!(response.body(), &format!("{trace} nobody none"));
    assert_eq!(text(&mock.span("GET /order"), "correlation_id"), Some(trace));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn baggage_that_a_handler_sets_reaches_the_next_service() {
    let mock = MockTracer::new();
    let address = services(server_policy(&mock), server_policy(&mock)).await;
    let response = fetch(get(address, "/tenant")).await;
    assert!(response.body().ends_with(b" nobody acme"), "{response:?}");
}

#[tokio::test]
async fn a_skipped_request_gets_the_same_response() {
    let mock = MockTracer::new();
    let off = ServerPolicy::new().skip(|_| true);
    let address = serve(Router::new().route("/", on_get(|| async { "hello" })), off).await;
    assert_eq!(fetch(get(address, "/")).await.body(), "hello");
    let traced = serve(Router::new().route("/", on_get(|| async { "hello" })), server_policy(&mock)).await;
    assert_eq!(fetch(get(traced, "/")).await.body(), "hello");
    only(&mock).await;
}
