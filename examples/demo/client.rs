//! The client by which everybody here talks.

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

/// Whatever went wrong on the way.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Calls one service. Where a span is current, each call is a child of it, and the service is told of the trace.
#[derive(Clone)]
pub(crate) struct Client {
    http: ClientService<legacy::Client<HttpConnector, Empty<Bytes>>>,
    address: SocketAddr,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The trace, as the service names it.
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

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Error> {
        let request = Request::get(format!("http://{}{path}", self.address)).body(Empty::new())?;
        let (head, body) = self.http.clone().oneshot(request).await?.into_parts();
        let traceparent = head.headers.get("traceparent").and_then(|value| value.to_str().ok());
        let traceparent = traceparent.map(str::to_owned);
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: head.status, traceparent, body: String::from_utf8_lossy(&body).into_owned() })
    }
}
