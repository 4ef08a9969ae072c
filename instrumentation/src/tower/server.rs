//! The layer for servers.

use std::{
    fmt::Display,
    task::{Context, Poll},
};

use http::{Method, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    body::TracedBody,
    call::{Call, Policy},
    future::ResponseFuture,
};
use crate::{RequestContext, ServerPolicy, before_request};

/// Traces the requests of a server: axum, hyper, tonic, anything that is a [`Service`] of HTTP requests.
///
/// The span starts as [`before_request`] says, is current while the service answers and while the body is made, and
/// ends with the body: see [`TracedBody`]. A handler finds its [`RequestContext`] in the request's extensions, and
/// by [`RequestContext::current`].
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
/// Without a framework, around any service:
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
    /// A layer with this policy.
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

/// A service whose requests are traced. Made by [`ServerLayer`].
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
        let call = (!span.is_none()).then(|| Call::new(span, Policy::Server(self.policy.clone()), is_head));
        ResponseFuture::new(call, || self.inner.call(request))
    }
}
