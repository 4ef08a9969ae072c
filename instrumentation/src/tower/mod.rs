//! Layers for anything that is a `tower` service.

mod body;
mod call;
mod client;
mod future;
mod server;

pub use self::{
    body::TracedBody,
    client::{ClientLayer, ClientService},
    future::ResponseFuture,
    server::{ServerLayer, ServerService},
};
