//! [`ClientLayer`]: traces the requests of a tower client.

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
use crate::{ClientPolicy, before_http_request};

/// A layer that traces the requests of a client, such as those of hyper-util and tonic: any [`Service`] of HTTP
/// requests.
///
/// The span starts as with [`before_http_request`], is current while the request is sent and while the response body is
/// read, and ends with the body: see [`TracedBody`]. If the response future is dropped before, the span ends as
/// cancelled. The layer has a [`ClientPolicy`], whose defaults `ClientLayer::default()` uses.
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
    /// Creates a layer with this policy.
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

/// A client whose requests are traced. [`ClientLayer`] creates it.
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
        let tracing = RequestTracing::of(span, || Policy::Client(self.policy.clone()), is_head);
        ResponseFuture::new(tracing, || self.inner.call(request))
    }
}
