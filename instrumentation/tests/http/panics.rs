//! A panic of a handler, a body or a service ends the span as panicked, and continues.

use std::convert::Infallible;

use anytrace_api::{EndReason, Status};
use anytrace_instrumentation::{ServerLayer, ServerPolicy};
use anytrace_recorder::{FinishedSpan, MockTracer};
use axum::{Router, body::Body, routing::get as on_get};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, service_fn};

use crate::harness::{get, number, only, plain_client, serve, server_policy, text};

fn assert_panicked(span: &FinishedSpan, message: &str) {
    assert_eq!(span.end_reason(), EndReason::Panicked);
    assert_eq!(text(span, "error.type").as_deref(), Some("panic"));
    assert!(matches!(span.status(), Some(Status::Error(why)) if why.as_str() == Some(message)));
}

#[tokio::test]
async fn a_panic_of_a_handler_ends_the_span() {
    async fn handler() {
        let shard = 7;
        panic!("no shard {shard}");
    }
    let mock = MockTracer::new();
    let app = Router::new().route("/", on_get(handler));
    let address = serve(app, server_policy(&mock)).await;
    plain_client().request(get(address, "/")).await.unwrap_err();
    let span = only(&mock).await;
    assert_panicked(&span, "no shard 7");
    assert_eq!(number(&span, "http.response.status_code"), None);
}

#[tokio::test]
async fn a_panic_of_a_body_ends_the_span() {
    let mock = MockTracer::new();
    let body = || async {
        let stream =
            futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, Infallible>>> {
                panic!("no disk")
            });
        Response::new(Body::from_stream(stream))
    };
    let address = serve(Router::new().route("/", on_get(body)), server_policy(&mock)).await;
    if let Ok(response) = plain_client().request(get(address, "/")).await {
        response.into_body().collect().await.unwrap_err();
    }
    assert_panicked(&only(&mock).await, "no disk");
}

#[tokio::test]
async fn a_panic_of_a_service_before_it_returns_a_future_ends_the_span() {
    let mock = MockTracer::new();
    let service =
        service_fn(|_: Request<()>| -> std::future::Ready<Result<Response<Full<Bytes>>, Infallible>> {
            panic!("no service")
        });
    let mut service = ServerLayer::new(ServerPolicy::new().tracer(mock.handle())).layer(service);
    let call = std::panic::AssertUnwindSafe(|| service.call(Request::new(())));
    let panic = std::panic::catch_unwind(call).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"no service"), "the payload is unchanged");
    assert_panicked(&only(&mock).await, "no service");
}
