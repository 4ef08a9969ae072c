//! Shows how to configure HTTP tracing: span names, callbacks, redaction, and propagation per destination.
//!
//! The client and the server are in-memory services inside the layers of the instrumentation crate.

use std::convert::Infallible;

use anytrace_api::{self as trace, FutureExt};
use anytrace_instrumentation::{
    ClientLayer, ClientPolicy, Propagation, Redaction, RequestContext, ServerLayer, ServerPolicy,
};
use anytrace_recorder::{FinishedSpan, MockTracer};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};

const URL: &str = "http://ada:secret@shop.test/cart?page=2&sig=c0ffee";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    callbacks_and_secrets().await;
    propagation_per_destination().await;
    client_errors().await;
    skipped_requests().await;
}

async fn handler(request: Request<String>) -> Result<Response<String>, Infallible> {
    let caller = RequestContext::current().and_then(|request| request.caller().map(str::to_owned));
    trace::event("handled");
    let status = if request.uri().path() == "/gone" { StatusCode::GONE } else { StatusCode::OK };
    let body = caller.unwrap_or_else(|| "unknown".to_owned());
    Ok(Response::builder().status(status).header("x-cache", "hit").body(body).unwrap())
}

/// Sends one request and returns the tracers of the client and the server.
async fn call(client: ClientPolicy, server: ServerPolicy, url: &str) -> (MockTracer, MockTracer) {
    let (client_mock, server_mock) = (MockTracer::new(), MockTracer::new());
    let server = ServerLayer::new(server.tracer(server_mock.handle())).layer(service_fn(handler));
    let client = ClientLayer::new(client).layer(server);

    let mut span = client_mock.handle().start_trace("visit");
    span.set_baggage("order", "7").unwrap();
    span.set_baggage("secret", "42").unwrap();
    let request = Request::get(url).header("x-service-name", "shop").body(String::new()).unwrap();
    let request = async {
        let response = client.oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap();
    };
    request.in_span(span).await;
    (client_mock, server_mock)
}

/// Callbacks add tags, and redaction removes secrets from the URL.
async fn callbacks_and_secrets() {
    let client = ClientPolicy::new()
        .on_request(|span, request| {
            span.set_tag("signed", request.headers().contains_key("authorization"));
        })
        .redaction(Redaction::default().and_keys(["page"]));
    let server = ServerPolicy::new()
        .caller_headers(["x-service-name"])
        .span_name(|_| Some("cart".to_owned()))
        .on_response(|span, response| {
            span.set_tag("cache", response.headers().get("x-cache").and_then(|value| value.to_str().ok()));
        });
    let (client, server) = call(client, server, URL).await;
    print!("{}{}", client.tree(), server.tree());
    let text = |span: &FinishedSpan, key| span.tag(key).map(|value| value.to_string());
    let (get, cart) = (client.span("GET"), server.span("cart"));
    let url = "http://REDACTED:REDACTED@shop.test/cart?page=REDACTED&sig=REDACTED";
    assert_eq!(text(&get, "url.full").as_deref(), Some(url));
    assert_eq!(text(&get, "signed").as_deref(), Some("false"));
    assert_eq!(
        (text(&cart, "cache"), text(&cart, "peer.service")),
        (Some("hit".into()), Some("shop".into()))
    );
    assert_eq!((cart.trace_id(), cart.parent_span_id()), (get.trace_id(), Some(get.span_id())));
}

/// Propagates everything, the trace with selected baggage, or nothing.
async fn propagation_per_destination() {
    let call_with = |propagation: Propagation| async move {
        let policy = ClientPolicy::new().propagation(move |_| propagation);
        let server = ServerPolicy::new().on_request(|span, _| {
            let keys: Vec<&str> = span.baggage().iter().map(|(key, _)| key).collect();
            span.set_tag("baggage", &*keys);
        });
        let (client, server) = call(policy, server, "http://partner.test/").await;
        let (sent, received) = (client.span("GET"), server.span("GET"));
        (sent.trace_id() == received.trace_id(), received.tag("baggage").unwrap().to_string())
    };
    assert_eq!(call_with(Propagation::All).await, (true, r#"["order", "secret"]"#.into()));
    assert_eq!(call_with(Propagation::Baggage(&["order"])).await, (true, r#"["order"]"#.into()));
    assert_eq!(call_with(Propagation::Nothing).await, (false, "[]".into()));
}

/// A 4xx status is an error on the client span only.
async fn client_errors() {
    let (client, server) = call(ClientPolicy::new(), ServerPolicy::new(), "http://shop.test/gone").await;
    assert!(
        client.span("GET").is_error() && !server.span("GET").is_error(),
        "410 is an error of the client only"
    );
}

/// Health checks get no server span.
async fn skipped_requests() {
    let server = ServerPolicy::new().skip(|request| request.uri().path() == "/health");
    let (client, server) = call(ClientPolicy::new(), server, "http://shop.test/health").await;
    assert_eq!((client.finished().len(), server.tree().as_str()), (2, ""));
}
