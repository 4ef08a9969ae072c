//! Spans of incoming requests.

use std::convert::Infallible;

use anytrace_api::{EndReason, Kind, current_ids};
use anytrace_instrumentation::{RequestContext, ServerLayer, ServerPolicy, after_response, before_request};
use anytrace_recorder::{MockTracer, Sampler};
use axum::{Router, routing::get as on_get};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

use crate::harness::{fetch, get, number, only, serve, serve_hyper, server_policy, text};

#[tokio::test]
async fn a_span_is_named_after_the_route_and_has_the_tags_of_the_semantic_conventions() {
    let mock = MockTracer::new();
    let app = Router::new().route("/users/{id}", on_get(|| async { "ada" }));
    let address = serve(app, server_policy(&mock)).await;
    let mut request = get(address, "/users/7?page=2&sig=c0ffee");
    request.headers_mut().insert("user-agent", "test/1".parse().unwrap());
    fetch(request).await;

    let span = only(&mock).await;
    assert_eq!(
        (span.name(), span.kind(), span.end_reason()),
        ("GET /users/{id}", Kind::Server, EndReason::Finished)
    );
    assert_eq!(span.instrumentation_scope().unwrap().name, "anytrace-instrumentation");
    assert_eq!(span.status(), None);
    let texts = [
        ("http.request.method", "GET"),
        ("http.route", "/users/{id}"),
        ("url.scheme", "http"),
        ("url.path", "/users/7"),
        ("url.query", "page=2&sig=REDACTED"),
        ("server.address", "127.0.0.1"),
        ("network.protocol.version", "1.1"),
        ("user_agent.original", "test/1"),
    ];
    for (key, value) in texts {
        assert_eq!(text(&span, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(number(&span, "server.port"), Some(i64::from(address.port())));
    assert_eq!(number(&span, "http.response.status_code"), Some(200));
    for absent in ["error.type", "http.url", "http.method", "http.request.method_original", "peer.service"] {
        assert_eq!(text(&span, absent), None, "{absent}");
    }
}

#[tokio::test]
async fn status_404_is_not_an_error_and_has_no_route() {
    let mock = MockTracer::new();
    let address = serve(Router::new(), server_policy(&mock)).await;
    assert_eq!(fetch(get(address, "/secret/7")).await.status(), 404);
    let span = only(&mock).await;
    assert_eq!((span.name(), span.status(), text(&span, "error.type")), ("GET", None, None));
    assert_eq!(number(&span, "http.response.status_code"), Some(404));
}

#[tokio::test]
async fn status_codes_from_500_are_errors() {
    let mock = MockTracer::new();
    let app = Router::new().route("/", on_get(|| async { StatusCode::SERVICE_UNAVAILABLE }));
    let address = serve(app, server_policy(&mock)).await;
    fetch(get(address, "/")).await;
    let span = only(&mock).await;
    assert!(span.is_error());
    assert_eq!(text(&span, "error.type").as_deref(), Some("503"));
    assert_eq!(span.end_reason(), EndReason::Finished);
}

#[tokio::test]
async fn a_handler_without_a_framework_sets_the_route() {
    let mock = MockTracer::new();
    let service = service_fn(|_| async {
        RequestContext::current().unwrap().set_route("/hello");
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello")))
    });
    let address = serve_hyper(service, server_policy(&mock)).await;
    assert_eq!(fetch(get(address, "/hello")).await.body(), "hello");
    let span = only(&mock).await;
    assert_eq!(span.name(), "GET /hello", "the handler set the route");
    assert_eq!(text(&span, "http.route").as_deref(), Some("/hello"));
}

#[tokio::test]
async fn a_service_error_is_recorded() {
    let mock = MockTracer::new();
    let service = ServerLayer::new(ServerPolicy::new().tracer(mock.handle())).layer(service_fn(
        |_: Request<()>| async { Err::<Response<Full<Bytes>>, _>("no backend".parse::<u8>().unwrap_err()) },
    ));
    service.oneshot(Request::new(())).await.unwrap_err();
    let span = only(&mock).await;
    assert!(span.is_error());
    assert_eq!(text(&span, "error.type").as_deref(), Some("core::num::error::ParseIntError"));
    assert_eq!(span.end_reason(), EndReason::Finished);
}

#[tokio::test]
async fn the_route_can_come_with_the_response() {
    #[derive(Clone)]
    struct Route(&'static str);
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        .route(|extensions| extensions.get::<Route>().map(|route| route.0));
    let service = ServerLayer::new(policy).layer(service_fn(|_: Request<()>| async {
        let mut response = Response::new(Full::<Bytes>::default());
        response.extensions_mut().insert(Route("/late"));
        Ok::<_, Infallible>(response)
    }));
    service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(only(&mock).await.name(), "GET /late");
}

#[test]
fn a_server_without_the_layer_records_the_same_span() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new().tracer(mock.handle());
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = Request::post("/orders")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .header("host", "[::1]:8080")
        .body(())
        .unwrap();
    let span = before_request(&request, &policy).entered();
    after_response(&span, &mut Response::builder().status(201).body(()).unwrap(), &policy);
    span.finish();

    let span = mock.span("POST");
    assert_eq!(span.trace_id().to_string(), trace);
    assert_eq!(span.parent_span_id().unwrap().to_string(), "00f067aa0ba902b7");
    assert!(span.parent_is_remote());
    assert_eq!(text(&span, "server.address").as_deref(), Some("::1"));
    assert_eq!(number(&span, "server.port"), Some(8080));
    assert_eq!(number(&span, "http.response.status_code"), Some(201));
}

#[test]
fn a_malformed_context_starts_a_new_trace() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new().tracer(mock.handle());
    for traceparent in ["", "00-zz", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
        let request = Request::get("/").header("traceparent", traceparent).body(()).unwrap();
        before_request(&request, &policy).finish();
        assert_eq!(mock.span("GET").parent_span_id(), None);
        mock.reset();
    }
}

#[tokio::test]
async fn an_unrecorded_request_has_the_ids_of_its_caller() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::always())));
    let ids = || async { current_ids().map_or_else(String::new, |(trace, span)| format!("{trace} {span}")) };
    let address = serve(Router::new().route("/", on_get(ids)), server_policy(&mock)).await;
    let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let mut request = get(address, "/");
    request.headers_mut().insert("traceparent", format!("00-{trace}-{span}-00").parse().unwrap());
    assert_eq!(fetch(request).await.body(), &format!("{trace} {span}"));
    assert!(mock.finished().is_empty());
}
