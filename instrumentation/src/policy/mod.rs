//! Settings of applications for the tracing of servers and clients.

mod callback;
mod client_policy;
mod inbound_context;
mod inbound_filter;
mod propagation;
mod rate_limit;
mod server_policy;
mod shared_counter;
mod shared_settings;

pub(crate) use self::shared_settings::SharedSettings;
pub use self::{
    client_policy::ClientPolicy, inbound_context::InboundContext, inbound_filter::RefusalCounts,
    propagation::Propagation, rate_limit::RateLimit, server_policy::ServerPolicy,
};
