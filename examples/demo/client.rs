//! The HTTP client of the demo.

use std::net::SocketAddr;

use anytrace_api::keys;
use anytrace_instrumentation::{ClientLayer, ClientPolicy, ClientService};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower::{Layer, ServiceExt};

/// Any error of the demo.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Calls one service. Each call is a child of the current span and propagates its context.
#[derive(Clone)]
pub(crate) struct Client {
    http: ClientService<legacy::Client<HttpConnector, Empty<Bytes>>>,
    address: SocketAddr,
}

pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    /// The `traceparent` header of the response.
    pub(crate) traceparent: Option<String>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(service: &'static str, address: SocketAddr) -> Self {
        let http = legacy::Client::builder(TokioExecutor::new()).build_http();
        let policy = ClientPolicy::new().on_request(move |span, _| {
            span.set_tag(keys::opentracing::PEER_SERVICE, service);
        });
        Client { http: ClientLayer::new(policy).layer(http), address }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<HttpResponse, Error> {
        let request = Request::get(format!("http://{}{path}", self.address)).body(Empty::new())?;
        let (parts, body) = self.http.clone().oneshot(request).await?.into_parts();
        let traceparent = parts.headers.get("traceparent").and_then(|value| value.to_str().ok());
        let traceparent = traceparent.map(str::to_owned);
        let body = body.collect().await?.to_bytes();
        Ok(HttpResponse {
            status: parts.status,
            traceparent,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}
