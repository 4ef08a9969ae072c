//! Skipped requests have no span, and spans inside of them are suppressed unless the policy says otherwise.

use std::convert::Infallible;

use anytrace_api::{FutureExt, TracerHandle, start_span, start_trace, suppression::suppressed, with_tracer};
use anytrace_instrumentation::{
    ClientLayer, ClientPolicy, RequestContext, ServerLayer, ServerPolicy, before_request,
};
use anytrace_recorder::MockTracer;
use axum::{Router, body::Body, routing::get as on_get};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};

use crate::harness::{fetch, get, only, serve, server_policy};

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn policy() -> ServerPolicy {
    ServerPolicy::new().skip(|request| request.uri().path() == "/health")
}

fn health() -> Request<()> {
    Request::get("/health").header("traceparent", CALLER).body(()).unwrap()
}

/// Starts spans when called, while polled, in the body, and when the body is dropped.
async fn handle(_: Request<()>) -> Result<Response<Body>, Infallible> {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            start_span("drop").finish();
        }
    }
    start_span("child").run(|| start_span("grandchild").finish());
    start_trace("root").finish();
    tokio::task::yield_now().await;
    start_span("later").finish();
    let on_drop = OnDrop;
    let mut frames = ["a", "b"].into_iter();
    let stream = futures_util::stream::poll_fn(move |_| {
        let _ = &on_drop;
        start_span("frame").finish();
        std::task::Poll::Ready(frames.next().map(|data| Ok::<_, Infallible>(Bytes::from(data))))
    });
    Ok(Response::new(Body::from_stream(stream)))
}

/// Sends a health check through the layer, with `mock` as the current tracer. Returns the names of recorded spans.
async fn recorded(mock: &MockTracer, policy: ServerPolicy) -> Vec<String> {
    let service = ServerLayer::new(policy).layer(service_fn(|request| {
        start_span("call").finish();
        handle(request)
    }));
    let request = async {
        let response = service.oneshot(health()).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ab");
    };
    request.with_tracer(&mock.handle()).await;
    mock.finished().iter().map(|span| span.name().to_owned()).collect()
}

#[tokio::test]
async fn skipped_requests_have_no_span_and_no_request_context() {
    let mock = MockTracer::new();
    let health = || async {
        assert!(RequestContext::current().is_none());
        "ok"
    };
    let app = Router::new().route("/health", on_get(health)).route("/work", on_get(|| async { "done" }));
    let address = serve(app, server_policy(&mock).skip(|request| request.uri().path() == "/health")).await;
    assert_eq!(fetch(get(address, "/health")).await.body(), "ok");
    fetch(get(address, "/work")).await;
    assert_eq!(only(&mock).await.name(), "GET /work");
}

#[tokio::test]
async fn spans_inside_a_skipped_request_are_suppressed() {
    let mock = MockTracer::new();
    assert_eq!(recorded(&mock, policy()).await, [""; 0]);
}

#[tokio::test]
async fn spans_inside_a_skipped_request_are_recorded_if_the_policy_allows_it() {
    let mock = MockTracer::new();
    let names = recorded(&mock, policy().suppress_skipped(false)).await;
    assert_eq!(names, ["call", "grandchild", "child", "root", "later", "frame", "frame", "frame", "drop"]);
    let roots = mock.finished().iter().filter(|span| span.parent_span_id().is_none()).count();
    assert_eq!(roots, names.len() - 1, "the caller's trace is not continued");
}

#[tokio::test]
async fn the_tracer_of_the_policy_is_current_inside_a_skipped_request() {
    let mock = MockTracer::new();
    let policy = policy().tracer(mock.handle()).suppress_skipped(false);
    let service = ServerLayer::new(policy).layer(service_fn(handle));
    service.oneshot(health()).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(mock.finished().len(), 8);
}

#[tokio::test]
async fn suppression_ends_with_the_skipped_request() {
    let mock = MockTracer::new();
    let service = ServerLayer::new(policy()).layer(service_fn(handle));
    let requests = async {
        let skipped = service.clone().oneshot(health()).await.unwrap();
        start_span("between").finish();
        drop(skipped);
        let traced = service.oneshot(Request::get("/work").body(()).unwrap()).await.unwrap();
        traced.into_body().collect().await.unwrap();
    };
    requests.with_tracer(&mock.handle()).await;
    let names: Vec<_> = mock.finished().iter().map(|span| span.name().to_owned()).collect();
    assert_eq!(names.first().map(String::as_str), Some("between"));
    assert!(names.contains(&"GET".to_owned()) && names.contains(&"child".to_owned()), "{names:?}");
}

#[tokio::test]
async fn outgoing_requests_of_a_skipped_request_are_not_traced() {
    let mock = MockTracer::new();
    let client_policy = ClientPolicy::new().start_traces(true).tracer(mock.handle());
    let backend = ClientLayer::new(client_policy).layer(service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(Response::new(format!("{:?}", request.headers().get("traceparent"))))
    }));
    let service = ServerLayer::new(policy()).layer(service_fn(move |_: Request<()>| {
        backend.clone().oneshot(Request::get("http://backend.test/").body(()).unwrap())
    }));
    let response = service.oneshot(health()).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "None");
    assert!(mock.finished().is_empty());
}

#[test]
fn a_server_without_the_layer_suppresses_by_hand() {
    let mock = MockTracer::new();
    let serve = |request: &Request<()>, policy: &ServerPolicy| {
        let span = before_request(request, policy);
        if policy.suppresses(&span) {
            return suppressed(|| start_span("child").finish());
        }
        span.run(|| start_span("child").finish());
    };
    with_tracer(&mock.handle(), || {
        serve(&health(), &policy());
        assert!(mock.finished().is_empty());
        serve(&health(), &policy().suppress_skipped(false));
        assert_eq!(mock.span("child").parent_span_id(), None);
        mock.reset();
        serve(&Request::new(()), &policy());
        assert_eq!(mock.span("child").parent_span_id(), Some(mock.span("GET").span_id()));
    });
}

#[test]
fn requests_that_are_not_skipped_are_not_suppressed_with_tracing_off() {
    with_tracer(&TracerHandle::none(), || {
        let span = before_request(&Request::new(()), &policy());
        assert!(!policy().suppresses(&span));
    });
}
