//! The request context follows the current span.

use std::thread;

use anytrace_api::{FutureExt, Snapshot, TracerHandle, carry, start_span, start_trace, with_tracer};
use anytrace_instrumentation::{
    ClientPolicy, RequestContext, ServerPolicy, before_http_request, before_request,
};
use anytrace_recorder::MockTracer;
use axum::{Extension, Router, routing::get as on_get};
use http::Request;

use crate::harness::{fetch, get, only, serve, server_policy, spans, text};

/// Returns the correlation id of the current request.
fn id() -> Option<String> {
    Some(RequestContext::current()?.correlation_id()?.to_string())
}

fn r1() -> Request<()> {
    Request::get("/").header("x-request-id", "r1").body(()).unwrap()
}

#[tokio::test]
async fn the_context_is_in_the_extensions_and_follows_the_current_span() {
    async fn handler(Extension(request): Extension<RequestContext>) {
        let expected = Some(request.correlation_id().unwrap().to_string());
        assert_eq!(id(), expected);
        start_span("child").run(|| assert_eq!(id(), expected));
        tokio::spawn(async { id() }.in_current_span()).await.map(|id| assert_eq!(id, expected)).unwrap();
        assert_eq!(tokio::task::spawn_blocking(carry(id)).await.unwrap(), expected);
        let here = Snapshot::here();
        assert_eq!(thread::spawn(move || here.run(id)).join().unwrap(), expected);
        assert_eq!(
            tokio::spawn(async { id() }).await.unwrap(),
            None,
            "a spawned task does not inherit the current span"
        );
        assert_eq!(start_trace("other").run(id), None, "another trace does not belong to the request");
    }
    let mock = MockTracer::new();
    let address = serve(Router::new().route("/", on_get(handler)), server_policy(&mock)).await;
    let mut request = get(address, "/");
    request.headers_mut().insert("x-request-id", "r1".parse().unwrap());
    assert_eq!(fetch(request).await.status(), 200);
    spans(&mock, 3).await;
    assert_eq!(text(&mock.span("GET /"), "correlation_id").as_deref(), Some("r1"));
}

#[test]
fn nested_code_reaches_the_span_of_the_request() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new().tracer(mock.handle());
    before_request(&r1(), &policy).run(|| {
        start_span("deep").run(|| {
            let request = RequestContext::current().unwrap();
            request.span().set_tag("user", "ada");
            request.span().start_child("sibling").run(|| assert_eq!(id().as_deref(), Some("r1")));
        });
    });
    let server = mock.span("GET");
    assert_eq!(text(&server, "user").as_deref(), Some("ada"));
    assert_eq!(mock.span("sibling").parent_span_id(), Some(server.span_id()));
}

#[test]
fn baggage_set_in_nested_code_is_shared_by_the_request() {
    let mock = MockTracer::new();
    before_request(&r1(), &ServerPolicy::new().tracer(mock.handle())).run(|| {
        let request = RequestContext::current().unwrap();
        start_span("deep").run(|| request.set_baggage("tenant", "acme").unwrap());
        assert_eq!(request.baggage().get("tenant"), Some("acme"));
        assert_eq!(start_span("later").baggage().get("tenant"), Some("acme"));
    });
}

#[test]
fn the_context_works_with_tracing_off() {
    with_tracer(&TracerHandle::none(), || {
        before_request(&r1(), &ServerPolicy::new()).run(|| assert_eq!(id().as_deref(), Some("r1")));
        let anonymous = Request::new(());
        before_request(&anonymous, &ServerPolicy::new()).run(|| {
            assert!(RequestContext::current().unwrap().correlation_id().is_none());
        });
        before_request(&r1(), &ServerPolicy::new()).run(|| {
            let policy = ClientPolicy::new().correlation_header("x-correlation-id");
            let mut outgoing =
                Request::get("http://shop.test/").header("traceparent", "mine").body(()).unwrap();
            before_http_request(&mut outgoing, &policy).finish();
            assert_eq!(outgoing.headers()["x-correlation-id"], "r1");
            assert_eq!(outgoing.headers()["traceparent"], "mine", "no trace context replaces the header");
        });
    });
}

#[test]
fn the_context_is_not_current_after_the_request() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new().tracer(mock.handle());
    let request = before_request(&r1(), &policy).run(|| RequestContext::current().unwrap());
    assert_eq!(id(), None);
    request.span().set_tag("late", true);
    assert_eq!(mock.span("GET").tag("late"), None, "the span has ended");
    drop(request);
    assert_eq!(mock.stats().late, 1);
}

#[test]
fn the_context_is_freed_after_the_request() {
    struct Canary(std::sync::mpsc::Sender<()>);
    impl Drop for Canary {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (sender, dropped) = std::sync::mpsc::channel();
    let mock = MockTracer::new();
    let mut span = mock.handle().start_trace("request");
    span.set_extension(std::sync::Arc::new(Canary(sender)));
    RequestContext::attach(&mut span, None, None);
    span.run(|| start_span("child").finish());
    mock.reset();
    assert_eq!(dropped.try_recv(), Ok(()), "there is no reference cycle");
}

#[tokio::test]
async fn message_consumers_attach_a_context() {
    let mock = MockTracer::new();
    let mut span = mock.handle().start_trace("orders process");
    let made = RequestContext::attach(&mut span, "m1".parse().ok(), Some("shop"));
    assert_eq!(made.caller(), Some("shop"));
    span.run(|| assert_eq!(id().as_deref(), Some("m1")));
    let span = only(&mock).await;
    assert_eq!(text(&span, "correlation_id").as_deref(), Some("m1"));
    assert_eq!(text(&span, "peer.service").as_deref(), Some("shop"));
}
