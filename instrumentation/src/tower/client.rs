//! The layer for clients.

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
use crate::{ClientPolicy, before_http_request};

/// Traces the requests of a client: hyper-util's, tonic's, anything that is a [`Service`] of HTTP requests.
///
/// The span starts as [`before_http_request`] says, is current while the request is sent and while the body is read,
/// and ends with the body: see [`TracedBody`].
///
/// ```
/// use anytrace_instrumentation::{ClientLayer, ClientPolicy};
/// use http_body_util::Empty;
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use tower::Layer;
///
/// let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
/// let client = ClientLayer::new(ClientPolicy::new()).layer(client);
/// # let _ = client;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientLayer {
    policy: ClientPolicy,
}

impl ClientLayer {
    /// A layer with this policy.
    pub fn new(policy: ClientPolicy) -> Self {
        ClientLayer { policy }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService { inner, policy: self.policy.clone() }
    }
}

/// A client whose requests are traced. Made by [`ClientLayer`].
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    policy: ClientPolicy,
}

impl<S, B, R> Service<Request<B>> for ClientService<S>
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
        let span = before_http_request(&mut request, &self.policy);
        let is_head = request.method() == Method::HEAD;
        let call = (!span.is_none()).then(|| Call::new(span, Policy::Client(self.policy.clone()), is_head));
        ResponseFuture::new(call, || self.inner.call(request))
    }
}
