//! Servers and clients for tests, and functions that wait for spans.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use anytrace_api::{FutureExt, Value};
use anytrace_instrumentation::{ClientLayer, ClientPolicy, ClientService, ServerLayer, ServerPolicy};
use anytrace_recorder::{FinishedSpan, MockTracer};
use axum::{Router, extract::MatchedPath};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceExt};

pub(crate) type Hyper = Client<HttpConnector, Full<Bytes>>;

/// Returns a policy that reads axum's routes.
pub(crate) fn server_policy(mock: &MockTracer) -> ServerPolicy {
    ServerPolicy::new()
        .tracer(mock.handle())
        .route(|extensions| Some(extensions.get::<MatchedPath>()?.as_str()))
}

/// Serves `app` with axum, traced.
pub(crate) async fn serve(app: Router, policy: ServerPolicy) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.layer(ServerLayer::new(policy));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// Serves `service` with hyper and no framework, traced.
pub(crate) async fn serve_hyper<S, B>(service: S, policy: ServerPolicy) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = ServerLayer::new(policy);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(layer.layer(service.clone()));
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // A client that disconnects is an error here.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// Returns a client without tracing that does not reuse connections.
pub(crate) fn plain_client() -> Hyper {
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http()
}

pub(crate) fn client(policy: ClientPolicy) -> ClientService<Hyper> {
    ClientLayer::new(policy).layer(plain_client())
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("http://{address}{path}")).body(Full::default()).unwrap()
}

/// Sends `request` without tracing and reads the whole response.
pub(crate) async fn fetch(request: Request<Full<Bytes>>) -> Response<Bytes> {
    read(plain_client().request(request).await.unwrap()).await
}

/// Sends `request`, traced, as a child of a span `caller` of `mock`, and reads the whole response.
pub(crate) async fn fetch_traced(
    mock: &MockTracer,
    policy: ClientPolicy,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Error> {
    let caller = mock.handle().start_trace("caller");
    let client = client(policy);
    async { Ok(read(client.oneshot(request).await?).await) }.in_span(caller).await
}

pub(crate) async fn read<B>(response: Response<B>) -> Response<Bytes>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

/// Waits for `count` spans and returns them.
pub(crate) async fn spans(mock: &MockTracer, count: usize) -> Vec<FinishedSpan> {
    let wait = async {
        while mock.finished().len() < count {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), wait).await;
    assert!(waited.is_ok(), "not {count} spans:\n{}", mock.tree());
    let spans = mock.finished();
    assert_eq!(spans.len(), count, "{}", mock.tree());
    spans
}

/// Waits for the only span and returns it.
pub(crate) async fn only(mock: &MockTracer) -> FinishedSpan {
    spans(mock, 1).await.remove(0)
}

pub(crate) fn text(span: &FinishedSpan, key: &str) -> Option<String> {
    span.tag(key).map(|value| value.as_str().expect("text").to_owned())
}

pub(crate) fn number(span: &FinishedSpan, key: &str) -> Option<i64> {
    span.tag(key).map(|value| match value {
        Value::I64(number) => number,
        other => panic!("{key} is {other:?}, not a number"),
    })
}

/// A signal between a handler and a test.
#[derive(Clone, Default)]
pub(crate) struct Gate(pub(crate) Arc<tokio::sync::Notify>);

impl Gate {
    pub(crate) fn open(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn passed(&self) {
        self.0.notified().await;
    }
}
