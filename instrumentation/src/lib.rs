//! Request context, HTTP helpers and tower layers: what servers and clients need to trace their requests by
//! [`anytrace_api`], whatever the backend.
//!
//! | for | use |
//! |---|---|
//! | axum, tonic, any tower or hyper server | [`ServerLayer`] with a [`ServerPolicy`] |
//! | hyper-util's client, any tower client | [`ClientLayer`] with a [`ClientPolicy`] |
//! | any other server | [`before_request`], [`after_response`], [`after_error`] |
//! | any other client | [`before_http_request`], [`after_http_response`], [`after_http_error`] |
//! | the request, from anywhere in it | [`RequestContext`] |
//!
//! # Whom to trust
//!
//! | threat | policy | without it |
//! |---|---|---|
//! | strangers continue one's traces and fill the baggage | [`Inbound`], for all or [by request](ServerPolicy::inbound_by) | everybody is continued |
//! | debug requests have recorded what samplers would not | [`Inbound::ContinueDebug`] grants them | refused |
//! | callers have everything recorded by the sampled flag | [`ServerPolicy::forced_traces`] | the flag holds |
//! | baggage reaches third parties | [`Propagation`] by destination | everybody is told everything |
//! | secrets in URLs reach the backend | [`Redaction`] | those that the semantic conventions name are taken out |
//!
//! What is refused is counted: [`ServerPolicy::refused`], [`ClientPolicy::baggage_withheld`].
//!
//! # Features
//!
//! `tower`, on by default: the layers.

mod correlation_id;
mod http;
mod policy;
mod redaction;
mod request_context;
#[cfg(feature = "tower")]
mod tower;
mod vocabulary;

#[cfg(feature = "tower")]
pub use self::tower::{ClientLayer, ClientService, ResponseFuture, ServerLayer, ServerService, TracedBody};
pub use self::{
    correlation_id::{CorrelationId, InvalidCorrelationId},
    http::{
        OutgoingRequest, RequestHead, ResponseHead, after_error, after_http_error, after_http_response,
        after_response, before_http_request, before_outgoing, before_request,
    },
    policy::{ClientPolicy, Inbound, Propagation, RateLimit, Refused, ServerPolicy},
    redaction::Redaction,
    request_context::RequestContext,
    vocabulary::Vocabulary,
};
