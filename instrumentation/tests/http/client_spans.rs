//! Spans of outgoing requests, and the headers that are sent.

use anytrace_api::{EndReason, FutureExt, Kind, TraceContext, propagation::B3, start_span};
use anytrace_instrumentation::{ClientPolicy, Propagation, ServerPolicy, before_http_request};
use anytrace_recorder::{MockTracer, Sampler};
use axum::{Router, http::HeaderMap, routing::get as on_get};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;

use crate::harness::{Gate, client, fetch_traced, get, number, read, serve, spans, text};

/// Responds with the headers of the request.
fn echo() -> Router {
    let echo = |headers: HeaderMap| async move { format!("{headers:?}") };
    Router::new()
        .route("/", on_get(echo))
        .route("/teapot", on_get(|| async { StatusCode::IM_A_TEAPOT }))
        .route("/down", on_get(|| async { StatusCode::BAD_GATEWAY }))
}

fn untraced() -> ServerPolicy {
    ServerPolicy::new().skip(|_| true)
}

#[tokio::test]
async fn a_span_is_a_child_with_the_tags_of_the_semantic_conventions() {
    let mock = MockTracer::new();
    let address = serve(echo(), untraced()).await;
    let response = fetch_traced(&mock, ClientPolicy::new(), get(address, "/?sig=c0ffee")).await.unwrap();

    spans(&mock, 2).await;
    let (caller, span) = (mock.span("caller"), mock.span("GET"));
    assert_eq!(span.parent_span_id(), Some(caller.span_id()));
    assert_eq!((span.kind(), span.end_reason(), span.status()), (Kind::Client, EndReason::Finished, None));
    let url = format!("http://{address}/?sig=REDACTED");
    for (key, value) in [
        ("http.request.method", "GET"),
        ("url.full", &url),
        ("server.address", "127.0.0.1"),
        ("network.protocol.version", "1.1"),
    ] {
        assert_eq!(text(&span, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(number(&span, "server.port"), Some(i64::from(address.port())));
    assert_eq!(number(&span, "http.response.status_code"), Some(200));
    let traceparent = format!("00-{}-{}-0", span.trace_id(), span.span_id());
    assert!(std::str::from_utf8(response.body()).unwrap().contains(&traceparent));
}

#[tokio::test]
async fn status_codes_from_400_are_errors() {
    let mock = MockTracer::new();
    let address = serve(echo(), untraced()).await;
    for (path, code) in [("/teapot", "418"), ("/down", "502")] {
        fetch_traced(&mock, ClientPolicy::new(), get(address, path)).await.unwrap();
        spans(&mock, 2).await;
        let span = mock.span("GET");
        assert!(span.is_error());
        assert_eq!(text(&span, "error.type").as_deref(), Some(code));
        assert!(!mock.span("caller").is_error());
        mock.reset();
    }
}

#[tokio::test]
async fn a_transport_error_is_recorded() {
    let mock = MockTracer::new();
    // A port without a listener: the operating system just assigned it.
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = fetch_traced(&mock, ClientPolicy::new(), get(address, "/")).await.unwrap_err();
    spans(&mock, 2).await;
    let span = mock.span("GET");
    assert!(span.is_error());
    assert_eq!(span.end_reason(), EndReason::Finished);
    assert_eq!(text(&span, "error.type").as_deref(), Some("hyper_util::client::legacy::client::Error"));
    let message = span.events().next().unwrap().tag("exception.message").unwrap().to_string();
    assert_eq!(message, error.to_string());
}

#[tokio::test]
async fn without_a_current_span_requests_are_traced_only_if_the_policy_starts_traces() {
    let mock = MockTracer::new();
    let address = serve(echo(), untraced()).await;
    let sent = async { read(client(ClientPolicy::new()).oneshot(get(address, "/")).await.unwrap()).await };
    let response = sent.with_tracer(&mock.handle()).await;
    assert!(!std::str::from_utf8(response.body()).unwrap().contains("traceparent"));
    assert!(mock.finished().is_empty());

    let policy = ClientPolicy::new().start_traces(true);
    let sent = async { read(client(policy).oneshot(get(address, "/")).await.unwrap()).await };
    let response = sent.with_tracer(&mock.handle()).await;
    let span = mock.span("GET");
    assert_eq!(span.parent_span_id(), None);
    assert!(std::str::from_utf8(response.body()).unwrap().contains(&span.trace_id().to_string()));
}

#[tokio::test]
async fn a_dropped_request_is_cancelled_and_not_an_error() {
    let mock = MockTracer::new();
    let reached = Gate::default();
    let handler = {
        let reached = reached.clone();
        move || async move {
            reached.open();
            std::future::pending::<()>().await;
        }
    };
    let address = serve(Router::new().route("/", on_get(handler)), untraced()).await;
    let caller = mock.handle().start_trace("caller");
    let call = caller.in_scope(|| client(ClientPolicy::new()).oneshot(get(address, "/")));
    let mut call = Box::pin(call.in_span(caller.reference()));
    tokio::select! {
        _ = call.as_mut() => panic!("no response is sent"),
        () = reached.passed() => {}
    }
    drop(call);
    let span = mock.span("GET");
    assert_eq!(
        (span.end_reason(), span.status(), text(&span, "error.type")),
        (EndReason::Cancelled, None, None)
    );
}

#[tokio::test]
async fn a_body_that_is_dropped_early_is_cancelled() {
    let mock = MockTracer::new();
    let address = serve(echo(), untraced()).await;
    let caller = mock.handle().start_trace("caller");
    let call = async {
        let response = client(ClientPolicy::new()).oneshot(get(address, "/")).await.unwrap();
        assert!(mock.finished().is_empty());
        drop(response);
    };
    call.in_span(caller.reference()).await;
    let span = mock.span("GET");
    assert_eq!((span.end_reason(), span.status()), (EndReason::Cancelled, None));
    assert_eq!(number(&span, "http.response.status_code"), Some(200));
}

#[tokio::test]
async fn the_span_of_the_caller_is_current_outside_of_the_traced_body() {
    let mock = MockTracer::new();
    let address = serve(echo(), untraced()).await;
    let caller = mock.handle().start_trace("caller");
    let call = async {
        let response = client(ClientPolicy::new()).oneshot(get(address, "/")).await.unwrap();
        let body = response.into_body().map_frame(|frame| {
            start_span("outside").finish();
            frame
        });
        body.collect().await.unwrap();
    };
    call.in_span(caller).await;
    spans(&mock, 3).await;
    assert_eq!(mock.span("outside").parent_span_id(), Some(mock.span("caller").span_id()));
}

#[test]
fn existing_trace_headers_are_replaced() {
    let mock = MockTracer::new();
    let caller = mock.handle().start_trace("caller").entered();
    let mut request = Request::get("http://shop.test/").header("traceparent", "old").body(()).unwrap();
    request.headers_mut().append("traceparent", "older".parse().unwrap());
    let span = before_http_request(&mut request, &ClientPolicy::new());
    let sent: Vec<_> = request.headers().get_all("traceparent").iter().collect();
    let id = span.span_id().unwrap().to_string();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].to_str().unwrap().contains(&id));
    assert_eq!(request.headers().len(), 1, "other headers are unchanged");
    caller.finish();
}

#[test]
fn each_destination_receives_what_the_policy_allows() {
    let mock = MockTracer::new();
    let mut caller = mock.handle().start_trace("caller");
    caller.set_baggage("order", "7").unwrap();
    caller.set_baggage("secret", "x").unwrap();
    let caller = caller.entered();
    let policy = ClientPolicy::new().propagation(|request| match request.uri().host() {
        Some("own.test") => Propagation::All,
        Some("partner.test") => Propagation::Baggage(&["order", "absent"]),
        Some("bug.test") => panic!("no such host"),
        _ => Propagation::Nothing,
    });
    let sent = |host: &str| {
        let mut request = Request::get(format!("http://{host}/")).body(()).unwrap();
        before_http_request(&mut request, &policy).finish();
        let baggage = request.headers().get("baggage").map(|baggage| baggage.to_str().unwrap().to_owned());
        (request.headers().contains_key("traceparent"), baggage)
    };
    assert_eq!(sent("own.test"), (true, Some("order=7,secret=x".to_owned())));
    assert_eq!(sent("partner.test"), (true, Some("order=7".to_owned())));
    assert_eq!(sent("other.test"), (false, None));
    assert_eq!(sent("bug.test"), (false, None));
    assert_eq!(policy.callback_panics(), 1);
    caller.finish();
    assert_eq!(mock.finished().len(), 5, "all requests are traced");
}

#[tokio::test]
async fn callee_and_endpoint_names_come_from_headers() {
    let mock = MockTracer::new();
    let address = serve(echo(), untraced()).await;
    let policy = ClientPolicy::new()
        .callee_headers(["x-absent", "x-target"])
        .endpoint_headers(["x-endpoint"])
        .on_request(|span, request| {
            span.set_tag("accept", request.headers().contains_key("accept"));
            request.headers_mut().insert("x-signed", "yes".parse().unwrap());
        });
    let mut request: Request<Full<Bytes>> = get(address, "/");
    request.headers_mut().insert("x-target", "shop".parse().unwrap());
    request.headers_mut().insert("x-endpoint", "Shop::list".parse().unwrap());
    let response = fetch_traced(&mock, policy, request).await.unwrap();
    assert!(std::str::from_utf8(response.body()).unwrap().contains("x-signed"));
    let span = mock.span("GET Shop::list");
    assert_eq!(text(&span, "peer.service").as_deref(), Some("shop"));
    assert_eq!(span.tag("accept"), Some(anytrace_api::Value::Bool(false)));
}

#[test]
fn an_unrecorded_span_propagates_the_context_of_its_parent() {
    let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::always())));
    let incoming = Request::get("/").header("traceparent", caller).body(()).unwrap();
    let server =
        anytrace_instrumentation::before_request(&incoming, &ServerPolicy::new().tracer(mock.handle()));
    assert!(!server.is_recording());
    let mut request = Request::get("http://shop.test/").body(()).unwrap();
    server.run(|| before_http_request(&mut request, &ClientPolicy::new()).finish());
    assert_eq!(request.headers()["traceparent"], caller);
    assert!(mock.finished().is_empty());
}

#[test]
fn an_unrecorded_span_is_injected_in_the_formats_of_the_policys_tracer() {
    let mock = MockTracer::with(|builder| builder.propagator(B3::single()).sampler(Sampler::never()));
    let mut request = Request::get("http://a/").body(()).unwrap();
    // There is no current tracer.
    let parent = mock.handle().start_trace("parent");
    let policy = ClientPolicy::new().tracer(mock.handle());
    let ids = parent.context().ids().unwrap();
    parent.run(|| before_http_request(&mut request, &policy).finish());
    let expected = format!("{}-{}-0", ids.0, ids.1);
    assert_eq!(request.headers()["b3"], expected);
    assert!(!request.headers().contains_key("traceparent"));
}
