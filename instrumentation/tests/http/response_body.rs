//! A span ends with the response body.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
};

use anytrace_api::{EndReason, Status};
use anytrace_instrumentation::{ServerLayer, ServerPolicy};
use anytrace_recorder::MockTracer;
use axum::{
    Router,
    body::Body,
    routing::{any, get as on_get},
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Channel, Full, StreamBody};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower::{Layer, ServiceExt, service_fn};

use crate::harness::{
    Gate, fetch, get, number, only, plain_client, serve, serve_hyper, server_policy, spans, text,
};

fn app() -> Router {
    Router::new()
        .route("/full", on_get(|| async { "hello" }))
        .route("/empty", on_get(|| async {}))
        .route("/none", on_get(|| async { StatusCode::NO_CONTENT }))
        .route("/same", on_get(|| async { StatusCode::NOT_MODIFIED }))
        .route("/frames", on_get(|| async { frames(["a", "b"].map(|data| Ok(data.into())), None) }))
        .route("/length", on_get(|| async { frames(["a", "b"].map(|data| Ok(data.into())), Some("2")) }))
        .route("/error", on_get(|| async { frames([Ok("a".into()), Err(io::Error::other("disk"))], None) }))
}

/// Returns a response whose body does not report the end of the stream in advance.
fn frames<const N: usize>(frames: [Result<Bytes, io::Error>; N], length: Option<&str>) -> Response<Body> {
    let stream = tokio_stream(frames.map(|data| data.map(Frame::data)));
    let mut response = Response::builder();
    if let Some(length) = length {
        response = response.header("content-length", length);
    }
    response.body(Body::new(StreamBody::new(stream))).unwrap()
}

fn tokio_stream<T: Send + 'static, const N: usize>(
    items: [T; N],
) -> impl futures_core::Stream<Item = T> + Send + 'static {
    let mut items = items.into_iter();
    futures_util::stream::poll_fn(move |_| std::task::Poll::Ready(items.next()))
}

#[tokio::test]
async fn every_complete_body_ends_the_span_as_finished() {
    for path in ["/full", "/empty", "/none", "/same", "/frames", "/length", "/missing"] {
        let mock = MockTracer::new();
        let address = serve(app(), server_policy(&mock)).await;
        let response = fetch(get(address, path)).await;
        let span = only(&mock).await;
        assert_eq!(span.end_reason(), EndReason::Finished, "{path}");
        let status = i64::from(response.status().as_u16());
        assert_eq!(number(&span, "http.response.status_code"), Some(status), "{path}");
        assert_eq!((span.status(), text(&span, "error.type")), (None, None), "{path}");
    }
}

#[tokio::test]
async fn a_head_request_ends_without_a_body() {
    let mock = MockTracer::new();
    let service = service_fn(|_| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello"))) });
    let address = serve_hyper(service, server_policy(&mock)).await;
    let mut request = get(address, "/");
    *request.method_mut() = Method::HEAD;
    let response = fetch(request).await;
    assert_eq!((response.status(), response.body().len()), (StatusCode::OK, 0));
    let span = only(&mock).await;
    assert_eq!((span.name(), span.end_reason()), ("HEAD", EndReason::Finished));
}

#[tokio::test]
async fn a_body_error_is_recorded() {
    let mock = MockTracer::new();
    let address = serve(app(), server_policy(&mock)).await;
    // The request fails if the error precedes the response head on the connection.
    if let Ok(response) = plain_client().request(get(address, "/error")).await {
        response.into_body().collect().await.unwrap_err();
    }
    let span = only(&mock).await;
    assert_eq!(span.end_reason(), EndReason::Finished);
    assert!(matches!(span.status(), Some(Status::Error(why)) if why.as_str() == Some("disk")));
    assert_eq!(text(&span, "error.type").as_deref(), Some("axum_core::error::Error"));
    assert_eq!(span.events().map(|event| event.name().to_owned()).collect::<Vec<_>>(), ["exception"]);
}

#[tokio::test]
async fn the_grpc_status_of_trailers_is_recorded() {
    let mock = MockTracer::new();
    let service = service_fn(|request: Request<_>| async move {
        let _: hyper::body::Incoming = request.into_body();
        let (mut sender, body) = Channel::<Bytes, Infallible>::new(4);
        sender.send_data("message".into()).await.unwrap();
        let trailers = http::HeaderMap::from_iter([("grpc-status".parse().unwrap(), "14".parse().unwrap())]);
        sender.send_trailers(trailers).await.unwrap();
        Ok::<_, Infallible>(Response::new(body))
    });
    let address = serve_hyper(service, server_policy(&mock)).await;
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let response = client.request(get(address, "/pkg.Service/Call")).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["grpc-status"], "14");

    let span = only(&mock).await;
    assert_eq!(span.end_reason(), EndReason::Finished);
    assert_eq!(text(&span, "rpc.status_code").as_deref(), Some("UNAVAILABLE"));
    assert_eq!(text(&span, "error.type").as_deref(), Some("UNAVAILABLE"));
    assert_eq!(text(&span, "network.protocol.version").as_deref(), Some("2"));
    assert!(span.is_error());
}

#[tokio::test]
async fn the_grpc_status_of_a_trailers_only_response_is_recorded() {
    let mock = MockTracer::new();
    let app = Router::new().route("/call", on_get(|| async { [("grpc-status", "5")] }));
    let address = serve(app, server_policy(&mock)).await;
    fetch(get(address, "/call")).await;
    let span = only(&mock).await;
    assert_eq!(text(&span, "rpc.status_code").as_deref(), Some("NOT_FOUND"));
    assert!(!span.is_error(), "`NOT_FOUND` is an error on the client only");
}

#[tokio::test]
async fn a_client_that_disconnects_during_the_body_cancels_the_span() {
    let mock = MockTracer::new();
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(4);
    let body = Arc::new(Mutex::new(Some(body)));
    let body = move || async move { Response::new(Body::new(body.lock().unwrap().take().unwrap())) };
    let address = serve(Router::new().route("/", on_get(body)), server_policy(&mock)).await;

    sender.send_data("first".into()).await.unwrap();
    let response = plain_client().request(get(address, "/")).await.unwrap();
    let mut received = response.into_body();
    assert_eq!(received.frame().await.unwrap().unwrap().into_data().unwrap(), "first");
    assert!(mock.finished().is_empty(), "the body is incomplete");
    drop(received);

    let span = only(&mock).await;
    assert_eq!(span.end_reason(), EndReason::Cancelled);
    assert_eq!(text(&span, "error.type").as_deref(), Some("cancelled"));
    assert!(span.is_error());
}

#[tokio::test]
async fn a_client_that_disconnects_before_the_response_cancels_the_span() {
    let mock = MockTracer::new();
    let reached = Gate::default();
    let handler = {
        let reached = reached.clone();
        move || async move {
            reached.open();
            std::future::pending::<()>().await;
        }
    };
    let address = serve(Router::new().route("/", on_get(handler)), server_policy(&mock)).await;
    let request = tokio::spawn(plain_client().request(get(address, "/")));
    reached.passed().await;
    request.abort();

    let span = only(&mock).await;
    assert_eq!(span.end_reason(), EndReason::Cancelled);
    assert_eq!(number(&span, "http.response.status_code"), None);
}

#[tokio::test]
async fn the_span_is_current_while_the_body_is_polled() {
    let mock = MockTracer::new();
    let gate = Gate::default();
    let handler = {
        let gate = gate.clone();
        move || async move {
            let stream = futures_util::stream::once(async move {
                gate.passed().await;
                anytrace_api::event("made");
                anytrace_api::start_span("in the body").finish();
                Ok::<_, Infallible>(Bytes::from("late"))
            });
            Response::new(Body::from_stream(stream))
        }
    };
    let address = serve(Router::new().route("/", on_get(handler)), server_policy(&mock)).await;
    let response = plain_client().request(get(address, "/")).await.unwrap();
    assert!(mock.finished().is_empty(), "only the response head was sent");
    gate.open();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "late");

    spans(&mock, 2).await;
    let (server, child) = (mock.span("GET /"), mock.span("in the body"));
    assert_eq!(child.parent_span_id(), Some(server.span_id()));
    assert_eq!(server.events().next().unwrap().name(), "made");
}

#[tokio::test]
async fn the_size_hint_of_a_body_is_unchanged() {
    let mock = MockTracer::new();
    let service = ServerLayer::new(ServerPolicy::new().tracer(mock.handle()))
        .layer(service_fn(|_| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello"))) }));
    let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(5), false));
    assert!(mock.finished().is_empty());
    body.frame().await.unwrap().unwrap();
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
    assert_eq!(mock.finished().len(), 1, "the last frame ends the span");
    assert!(body.frame().await.is_none());
    drop(body);
    assert_eq!(mock.finished().len(), 1);
}

#[tokio::test]
async fn a_dropped_future_is_dropped_with_the_span_current() {
    struct Noisy;
    impl Drop for Noisy {
        fn drop(&mut self) {
            anytrace_api::event("dropped");
        }
    }
    let mock = MockTracer::new();
    let service = ServerLayer::new(server_policy(&mock)).layer(service_fn(|_: Request<()>| async {
        let noisy = Noisy;
        std::future::pending::<()>().await;
        drop(noisy);
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    let mut response = Box::pin(service.oneshot(Request::new(())));
    assert!(futures_util::poll!(response.as_mut()).is_pending());
    drop(response);
    let span = only(&mock).await;
    assert_eq!(span.events().next().unwrap().name(), "dropped");
}

#[tokio::test]
async fn spans_of_all_methods_end_as_finished() {
    let mock = MockTracer::new();
    let app = Router::new().route("/", any(|| async { "ok" }));
    let address = serve(app, server_policy(&mock)).await;
    for method in [Method::POST, Method::OPTIONS, Method::DELETE] {
        let mut request = get(address, "/");
        *request.method_mut() = method.clone();
        fetch(request).await;
        only(&mock).await;
        assert_eq!(mock.span(&format!("{method} /")).end_reason(), EndReason::Finished);
        mock.reset();
    }
}
