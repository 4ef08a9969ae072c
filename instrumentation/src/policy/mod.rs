//! What an application decides about the tracing of its servers and clients.

mod admission;
mod callback;
mod client;
mod common;
mod counter;
mod inbound;
mod propagation;
mod rate_limit;
mod server;

pub(crate) use self::common::Common;
pub use self::{
    admission::Refused, client::ClientPolicy, inbound::Inbound, propagation::Propagation,
    rate_limit::RateLimit, server::ServerPolicy,
};
