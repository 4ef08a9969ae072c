//! Settings of policies.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use anytrace_api::{inject, propagation::B3, start_span};
use anytrace_instrumentation::{ClientPolicy, ServerPolicy, before_request};
use anytrace_recorder::{MockTracer, Sampler};
use axum::{Router, routing::get as on_get};
use http::Request;

use crate::harness::{fetch, fetch_traced, get, number, only, serve, server_policy, spans, text};

fn app() -> Router {
    Router::new().route("/work", on_get(|| async { "done" }))
}

#[tokio::test]
async fn callbacks_receive_the_request_and_the_response() {
    let mock = MockTracer::new();
    let policy = server_policy(&mock)
        .span_name(|request| Some(format!("my {}", request.method())))
        .on_request(|span, request| {
            span.set_tag("accept", request.headers().get("accept").and_then(|accept| accept.to_str().ok()));
        })
        .on_response(|span, response| {
            span.set_tag("code", response.status().as_u16());
            start_span("within").finish();
        });
    let address = serve(app(), policy).await;
    let mut request = get(address, "/work");
    request.headers_mut().insert("accept", "text/plain".parse().unwrap());
    fetch(request).await;
    spans(&mock, 2).await;
    let span = mock.span("my GET");
    assert_eq!(text(&span, "accept").as_deref(), Some("text/plain"));
    assert_eq!(number(&span, "code"), Some(200));
    assert_eq!(mock.span("within").parent_span_id(), Some(span.span_id()));
}

#[tokio::test]
async fn panics_of_callbacks_are_counted_and_do_not_fail_requests() {
    let mock = MockTracer::new();
    let server = ServerPolicy::new()
        .tracer(mock.handle())
        .skip(|_| panic!("skip"))
        .span_name(|_| panic!("name"))
        .route(|_| panic!("route"))
        .peer(|_| panic!("peer"))
        .on_request(|_, _| panic!("request"))
        .on_response(|_, _| panic!("response"));
    let client = ClientPolicy::new()
        .skip(|_| panic!("skip"))
        .span_name(|_| panic!("name"))
        .on_request(|_, _| panic!("request"))
        .on_response(|_, _| panic!("response"));
    let address = serve(app(), server.clone()).await;
    let response = fetch_traced(&mock, client.clone(), get(address, "/work")).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, b"done".as_ref()));

    let spans = spans(&mock, 3).await;
    assert_eq!(spans.iter().filter(|span| span.name() == "GET").count(), 2);
    assert!(spans.iter().all(|span| !span.is_error()));
    assert_eq!(server.callback_panics(), 7, "the route is called for the request and for the response");
    assert_eq!(client.callback_panics(), 4);
}

#[tokio::test]
async fn the_response_has_the_traceparent_if_the_policy_asks_for_it() {
    let mock = MockTracer::new();
    let address = serve(app(), server_policy(&mock).traceparent_in_response(true)).await;
    let mut request = get(address, "/work");
    request.headers_mut().insert("baggage", "secret=1".parse().unwrap());
    let response = fetch(request).await;
    let span = only(&mock).await;
    let traceparent = response.headers()["traceparent"].to_str().unwrap().to_owned();
    assert!(
        traceparent.starts_with(&format!("00-{}-{}-0", span.trace_id(), span.span_id())),
        "{traceparent}"
    );
    assert!(!response.headers().contains_key("baggage"));
    assert!(!response.headers().contains_key("tracestate"));
}

#[tokio::test]
async fn the_response_has_no_traceparent_by_default() {
    let mock = MockTracer::new();
    let address = serve(app(), server_policy(&mock)).await;
    assert!(!fetch(get(address, "/work")).await.headers().contains_key("traceparent"));
}

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn incoming() -> Request<()> {
    Request::get("/").header("traceparent", CALLER).header("baggage", "k=v").body(()).unwrap()
}

#[test]
fn changing_a_policy_does_not_change_its_clones() {
    let calls = std::sync::Arc::new(AtomicUsize::new(0));
    let mock = MockTracer::new();
    let one = ServerPolicy::new().tracer(mock.handle());
    let two = one.clone().on_request({
        let calls = calls.clone();
        move |_, _| {
            calls.fetch_add(1, Ordering::Relaxed);
        }
    });
    before_request(&incoming(), &one).finish();
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    before_request(&incoming(), &two).finish();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_tracer_of_a_policy_is_current_in_its_handlers() {
    let denying = MockTracer::with(|builder| builder.propagator(B3::single()).sampler(Sampler::never()));
    let sent = || async {
        let mut headers = HashMap::<String, String>::new();
        inject(&mut headers);
        headers.into_keys().collect::<Vec<_>>().join(" ")
    };
    // No tracer is installed, and a span that is not recorded has none.
    let address = serve(Router::new().route("/", on_get(sent)), server_policy(&denying)).await;
    assert_eq!(fetch(get(address, "/")).await.body(), "b3");
    assert!(denying.finished().is_empty());
}

#[tokio::test]
async fn the_clients_address_comes_from_the_extensions() {
    let mock = MockTracer::new();
    let policy =
        ServerPolicy::new().tracer(mock.handle()).peer(|extensions| extensions.get::<SocketAddr>().copied());
    let mut request = incoming();
    request.extensions_mut().insert::<SocketAddr>("[::ffff:10.0.0.7]:4711".parse().unwrap());
    before_request(&request, &policy).finish();
    let span = only(&mock).await;
    assert_eq!(text(&span, "client.address").as_deref(), Some("10.0.0.7"));
    assert_eq!(text(&span, "network.peer.address").as_deref(), Some("10.0.0.7"));
    assert_eq!(number(&span, "network.peer.port"), Some(4711));
}
