//! Layers for tower services.

mod client_layer;
mod request_tracing;
mod response_future;
mod server_layer;
mod traced_body;
mod traced_request;

pub use self::{
    client_layer::{ClientLayer, ClientService},
    response_future::ResponseFuture,
    server_layer::{ServerLayer, ServerService},
    traced_body::TracedBody,
};
