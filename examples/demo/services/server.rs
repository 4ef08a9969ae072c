//! A traced HTTP server.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use anytrace_api::TracerHandle;
use anytrace_instrumentation::{ServerLayer, ServerPolicy};
use axum::{Router, extract::MatchedPath};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(super) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts the server on a free port. One layer traces all requests.
    pub(super) async fn start(tracer: TracerHandle, routes: Router) -> io::Result<Self> {
        let policy = ServerPolicy::new()
            .tracer(tracer)
            .route(|extensions| Some(extensions.get::<MatchedPath>()?.as_str()))
            .traceparent_in_response(true);
        let routes = routes.layer(ServerLayer::new(policy));

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let task =
            tokio::spawn(async { axum::serve(listener, routes).with_graceful_shutdown(shutdown).await });
        Ok(Server { address, stop, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn stop(self) -> io::Result<()> {
        let _ = self.stop.send(());
        self.task.await?
    }
}
