//! The three services of the demo.

mod failure;
mod gateway;
mod inventory;
mod orders;
mod server;

use std::io;

use self::server::Server;
use crate::{
    backend::Backend,
    client::{Client, Error},
};

pub(crate) struct Services {
    entrance: Client,
    /// Callers come before the services they call.
    servers: [Server; 3],
}

impl Services {
    pub(crate) async fn start(backend: &mut dyn Backend) -> Result<Self, Error> {
        let inventory = Server::start(backend.tracer("inventory")?, inventory::router()).await?;
        let client = Client::new("inventory", inventory.address());
        let orders = Server::start(backend.tracer("orders")?, orders::router(client)).await?;
        let client = Client::new("orders", orders.address());
        let gateway = Server::start(backend.tracer("gateway")?, gateway::router(client)).await?;
        let entrance = Client::new("gateway", gateway.address());
        Ok(Services { entrance, servers: [gateway, orders, inventory] })
    }

    /// Returns a client of the gateway.
    pub(crate) fn entrance(&self) -> &Client {
        &self.entrance
    }

    /// Stops the services after their open requests.
    pub(crate) async fn stop(self) -> io::Result<()> {
        for server in self.servers {
            server.stop().await?;
        }
        Ok(())
    }
}
