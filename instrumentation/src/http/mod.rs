//! HTTP requests and responses, and the spans that describe them.

mod client_span;
mod grpc_status;
mod header_text;
mod host;
mod method;
mod outgoing_request;
mod request_head;
mod response_head;
mod server_span;
mod side;
mod span_status;

pub use self::{
    client_span::{after_http_error, after_http_response, before_http_request, before_outgoing},
    outgoing_request::OutgoingRequest,
    request_head::RequestHead,
    response_head::ResponseHead,
    server_span::{after_error, after_response, before_request},
};
pub(crate) use self::{
    header_text::{MAX_TEXT_LENGTH, first_valid},
    method::span_name,
};
#[cfg(feature = "tower")]
pub(crate) use self::{
    side::Side,
    span_status::{record_grpc_status, set_failed},
};
