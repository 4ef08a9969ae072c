//! HTTP requests and responses, as far as tracing looks at them.

mod authority;
mod client;
mod head;
mod headers;
mod method;
mod outcome;
mod server;

#[cfg(feature = "tower")]
pub(crate) use self::outcome::{Side, grpc, set_failed};
pub use self::{
    client::{after_http_error, after_http_response, before_http_request, before_outgoing},
    head::{OutgoingRequest, RequestHead, ResponseHead},
    server::{after_error, after_response, before_request},
};
pub(crate) use self::{
    headers::{LONGEST, first_text},
    method::span_name,
};
