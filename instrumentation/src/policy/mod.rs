//! What an application decides about the tracing of its servers and clients.

mod callback;
mod client;
mod common;
mod inbound;
mod propagation;
mod server;

pub(crate) use self::common::Common;
pub use self::{client::ClientPolicy, inbound::Inbound, propagation::Propagation, server::ServerPolicy};
