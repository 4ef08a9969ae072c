//! [`ServerLayer`]: traces the requests of a tower server.

use std::{
    fmt::Display,
    task::{Context, Poll},
};

use http::{Method, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    request_tracing::RequestTracing, response_future::ResponseFuture, traced_body::TracedBody,
    traced_request::Policy,
};
use crate::{RequestContext, ServerPolicy, before_request};

/// A layer that traces the requests of a server, such as axum, hyper and tonic: any [`Service`] of HTTP requests.
///
/// The span starts as with [`before_request`], is current while the service handles the request and produces the
/// response body, and ends with the body: see [`TracedBody`]. If the client disconnects before, the span ends as
/// cancelled, and if the service panics, as panicked. A handler finds its [`RequestContext`] in the extensions of the
/// request and with [`RequestContext::current`]. Inside of [skipped](ServerPolicy::skip) requests, tracing is
/// suppressed.
///
/// The layer has a [`ServerPolicy`], whose defaults `ServerLayer::default()` uses.
///
/// ```
/// use anytrace_instrumentation::{RequestContext, ServerLayer, ServerPolicy};
/// use axum::{Extension, Router, routing::get};
///
/// async fn hello(Extension(request): Extension<RequestContext>) -> String {
///     anytrace_api::event("greeted");
///     format!("{:?}", request.correlation_id())
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(hello))
///     .layer(ServerLayer::new(ServerPolicy::new().caller_headers(["x-service-name"])));
/// # let _ = app;
/// ```
///
/// With hyper and no framework, around any service:
///
/// ```
/// use anytrace_instrumentation::ServerLayer;
/// use http::{Request, Response};
/// use hyper_util::service::TowerToHyperService;
/// use tower::{Layer, service_fn};
///
/// let service = service_fn(|_: Request<hyper::body::Incoming>| async {
///     Ok::<_, std::convert::Infallible>(Response::new(String::from("hello")))
/// });
/// let service = TowerToHyperService::new(ServerLayer::default().layer(service));
/// # let _ = service;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServerLayer {
    policy: ServerPolicy,
}

impl ServerLayer {
    /// Creates a layer with this policy.
    pub fn new(policy: ServerPolicy) -> Self {
        ServerLayer { policy }
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        ServerService { inner, policy: self.policy.clone() }
    }
}

/// A service whose requests are traced. [`ServerLayer`] creates it.
#[derive(Clone, Debug)]
pub struct ServerService<S> {
    inner: S,
    policy: ServerPolicy,
}

impl<S, B, R> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Display,
    R: Body,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let span = before_request(&request, &self.policy);
        if let Some(context) = RequestContext::of(&span) {
            request.extensions_mut().insert(context);
        }
        let is_head = request.method() == Method::HEAD;
        let tracing = if span.is_none() {
            RequestTracing::skipped(&self.policy)
        } else {
            RequestTracing::of(span, || Policy::Server(self.policy.clone()), is_head)
        };
        ResponseFuture::new(tracing, || self.inner.call(request))
    }
}
