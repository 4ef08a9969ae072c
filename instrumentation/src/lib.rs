//! Request context, HTTP helpers and tower layers for servers and clients that are traced by [`anytrace_api`], with any
//! backend.
//!
//! | to trace | use |
//! |---|---|
//! | axum, tonic, any tower or hyper server | [`ServerLayer`] with a [`ServerPolicy`] |
//! | hyper-util's client, any tower client | [`ClientLayer`] with a [`ClientPolicy`] |
//! | any other server | [`before_request`], [`after_response`], [`after_error`] |
//! | any other client | [`before_http_request`], [`after_http_response`], [`after_http_error`] |
//!
//! [`RequestContext`] gives all code of a request its span, its correlation id and its caller.
//!
//! # Trust
//!
//! Requests come from anyone and go to anyone. These settings limit what a remote party can cause or learn:
//!
//! | threat | setting | default |
//! |---|---|---|
//! | strangers continue traces of others and fill the baggage | [`InboundContext`], for all requests or [per request](ServerPolicy::inbound_context_by) | every caller's trace is continued |
//! | callers bypass the sampler with debug requests | [`InboundContext::ContinueDebug`] | refused |
//! | callers have every request recorded by setting the sampled flag | [`ServerPolicy::forced_traces`] | no limit |
//! | baggage reaches third parties | [`Propagation`], per destination | the trace and all baggage are sent |
//! | secrets in URLs reach the backend | [`Redaction`] | credentials and the query keys that the semantic conventions list are redacted |
//!
//! [`ServerPolicy::refused`] and [`ClientPolicy::baggage_withheld`] count refusals.
//!
//! # Features
//!
//! `tower`, on by default, adds the layers.

mod correlation_id;
mod http;
mod policy;
mod redaction;
mod request_context;
mod semantic_conventions;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "tower")]
pub use self::tower::{ClientLayer, ClientService, ResponseFuture, ServerLayer, ServerService, TracedBody};
pub use self::{
    correlation_id::{CorrelationId, InvalidCorrelationId},
    http::{
        OutgoingRequest, RequestHead, ResponseHead, after_error, after_http_error, after_http_response,
        after_response, before_http_request, before_outgoing, before_request,
    },
    policy::{ClientPolicy, InboundContext, Propagation, RateLimit, RefusalCounts, ServerPolicy},
    redaction::Redaction,
    request_context::RequestContext,
    semantic_conventions::SemanticConventions,
};
