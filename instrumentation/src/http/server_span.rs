//! Spans of incoming requests.

use std::{
    borrow::Cow,
    fmt::Display,
    net::{IpAddr, SocketAddr},
};

use anytrace_api::{
    Baggage, Context, Link, Operation, SpanRef, StartedSpan, TraceContext,
    keys::{self, opentracing},
    propagation::{Propagator, W3cTraceContext},
    tags,
};
use http::{Response, Version, header};

use super::{
    first_valid,
    header_text::parse_service_name,
    host::Host,
    method::{KnownMethod, span_name},
    side::Side,
    span_status::{record_error, record_response},
};
use crate::{CorrelationId, RequestContext, RequestHead, ResponseHead, ServerPolicy};

/// Starts the span of an incoming request: for servers that are not tower services.
///
/// The span continues the caller's trace, or starts a trace if the request brings none or the policy says
/// [otherwise](ServerPolicy::inbound_context). The span has a [`RequestContext`], and all spans of the request share
/// their baggage. With tracing off, the span records nothing, and the request context still works.
///
/// The caller makes the span current while the request is handled, calls [`after_response`] or [`after_error`], and
/// ends the span when the response body has been sent. [`ServerLayer`](crate::ServerLayer) does all of this.
///
/// The span of a request that the policy [skips](ServerPolicy::skip) [is none](SpanRef::is_none). Use
/// [`ServerPolicy::suppresses`] to suppress spans in its handler.
///
/// ```
/// use anytrace_instrumentation::{ServerPolicy, after_response, before_request};
/// use http::{Request, Response};
///
/// fn serve(request: &Request<()>, policy: &ServerPolicy) -> Response<String> {
///     let span = before_request(request, policy).entered();
///     let mut response = Response::new("hello".to_owned());
///     after_response(&span, &mut response, policy);
///     span.finish();
///     response
/// }
/// # serve(&Request::new(()), &ServerPolicy::new());
/// ```
pub fn before_request<'a>(request: impl Into<RequestHead<'a>>, policy: &ServerPolicy) -> StartedSpan {
    start_request(&request.into(), policy)
}

fn start_request(request: &RequestHead<'_>, policy: &ServerPolicy) -> StartedSpan {
    if policy.skips(request) {
        return StartedSpan::none();
    }
    let tracer = policy.shared().tracer();
    let extracted = tracer.extract(request.headers()).into_context();
    let peer = policy.call_peer(request.extensions());
    let (parent, link) = policy.filter_inbound(request, peer, extracted);
    let correlation_id = correlation_id(request, policy, parent.baggage());
    let mut span = if tracer.is_none() {
        StartedSpan::none()
    } else {
        start_span(&tracer, request, policy, peer, (&parent, link.as_ref()))
    };

    let caller = first_valid(request.headers(), policy.caller_header_names(), parse_service_name);
    let method = KnownMethod::of(request.method()).name();
    let context = RequestContext::attach_http(&mut span, correlation_id, caller, Some(method));
    if let (Some(key), Some(id)) = (policy.correlation_baggage_key(), context.correlation_id()) {
        // Services can still send the header if the baggage is full.
        let _ = span.set_baggage(key, id.as_str());
    }
    policy.call_on_request(&span, request);
    span
}

fn start_span(
    tracer: &anytrace_api::TracerHandle,
    request: &RequestHead<'_>,
    policy: &ServerPolicy,
    peer: Option<SocketAddr>,
    (parent, link): (&Context, Option<&Context>),
) -> StartedSpan {
    let shared = policy.shared();
    let method = KnownMethod::of(request.method());
    let route = policy.call_route(request.extensions());
    let name = policy.call_span_name(request).map_or_else(|| span_name(method.name(), route), Cow::Owned);

    let uri = request.uri();
    let scheme = uri.scheme_str().unwrap_or(policy.default_scheme());
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    // Redacts before the query is split off, because keys are recognized only after a `?`.
    let target = shared.redaction.url(target);
    let (path, query) = target.split_once('?').map_or((&*target, None), |(path, query)| (path, Some(query)));
    let host = Host::of(uri, request.headers());
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    // A dual-stack socket reports an IPv4 client as an IPv4-mapped IPv6 address.
    let address = peer.map(|peer| peer.ip().to_canonical().to_string());
    let port = peer.map(|peer| peer.port());

    let has_otel = shared.conventions.has_open_telemetry();
    let has_opentracing = shared.conventions.has_open_tracing();
    let url = has_opentracing.then(|| match &host {
        Some(host) => shared.redaction.url(&format!("{scheme}://{}{target}", host.as_str())).into_owned(),
        None => (*target).to_owned(),
    });
    let is_v4 = peer.is_some_and(|peer| matches!(peer.ip().to_canonical(), IpAddr::V4(_)));
    let tags = tags! {
        keys::HTTP_REQUEST_METHOD => has_otel.then_some(method.tag()),
        keys::HTTP_REQUEST_METHOD_ORIGINAL => method.original().filter(|_| has_otel),
        keys::URL_SCHEME => has_otel.then_some(scheme),
        keys::URL_PATH => has_otel.then_some(path),
        keys::URL_QUERY => query.filter(|_| has_otel),
        keys::HTTP_ROUTE => route,
        keys::SERVER_ADDRESS => host.as_ref().filter(|_| has_otel).map(Host::name),
        keys::SERVER_PORT => host.as_ref().filter(|_| has_otel).and_then(Host::port),
        keys::CLIENT_ADDRESS => address.as_deref().filter(|_| has_otel),
        keys::NETWORK_PEER_ADDRESS => address.as_deref().filter(|_| has_otel),
        keys::NETWORK_PEER_PORT => port.filter(|_| has_otel),
        keys::NETWORK_PROTOCOL_VERSION => protocol_version(request.version()).filter(|_| has_otel),
        keys::USER_AGENT_ORIGINAL => agent.filter(|_| has_otel),
        opentracing::HTTP_METHOD => has_opentracing.then_some(method.sent()),
        opentracing::HTTP_URL => url.as_deref(),
        opentracing::PEER_HOST_IPV4 => address.as_deref().filter(|_| has_opentracing && is_v4),
        opentracing::PEER_HOST_IPV6 => address.as_deref().filter(|_| has_opentracing && !is_v4),
        opentracing::PEER_PORT => port.filter(|_| has_opentracing),
    };
    let links: Vec<_> = link.iter().map(|link| Link::to(*link)).collect();
    let operation = Operation::server(&name).tags(&tags).links(&links).instrumentation_scope(shared.scope);
    tracer.join_trace(operation, parent)
}

fn correlation_id(
    request: &RequestHead<'_>,
    policy: &ServerPolicy,
    baggage: &Baggage,
) -> Option<CorrelationId> {
    first_valid(request.headers(), policy.correlation_header_names(), |text| text.parse().ok())
        .or_else(|| baggage.get(policy.correlation_baggage_key()?)?.parse().ok())
}

/// Returns the value of the tag `network.protocol.version`.
pub(super) fn protocol_version(version: Version) -> Option<&'static str> {
    Some(match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    })
}

/// Records the response to an incoming request: its status code, the route if the response has it, and the policy's
/// [`on_response`](ServerPolicy::on_response) callback. See [`before_request`].
///
/// Status codes from 500 mark the span as failed. Codes from 400 do not, because they report a failure of the client.
/// If the policy [asks for it](ServerPolicy::traceparent_in_response), the `traceparent` is written to the response.
pub fn after_response<B>(span: &SpanRef, response: &mut Response<B>, policy: &ServerPolicy) {
    record(span, &ResponseHead::from(&*response), policy);
    if policy.writes_traceparent() {
        if let Some(traceparent) = traceparent(span.context()) {
            let _ = response.headers_mut().try_insert("traceparent", traceparent);
        }
    }
}

fn record(span: &SpanRef, response: &ResponseHead<'_>, policy: &ServerPolicy) {
    if let Some(route) = policy.call_route(response.extensions()) {
        if let Some(request) = RequestContext::of(span) {
            request.set_route(route);
        }
    }
    record_response(span, response, Side::Server, policy.shared().conventions);
    policy.shared().call_on_response(span, response);
}

/// Returns the `traceparent` header alone: the client must not see trace state or baggage.
fn traceparent(context: &Context) -> Option<http::HeaderValue> {
    let mut headers = http::HeaderMap::new();
    W3cTraceContext.inject(context, &mut headers);
    headers.remove("traceparent")
}

/// Records that an incoming request failed with `error` before there was a response. See [`before_request`].
///
/// The error is recorded as an event, and marks the span as failed.
///
/// ```
/// use anytrace_instrumentation::{ServerPolicy, after_error};
///
/// after_error(&anytrace_api::current_span(), "no such backend", &ServerPolicy::new());
/// ```
pub fn after_error<E: Display + ?Sized>(span: &SpanRef, error: &E, policy: &ServerPolicy) {
    record_error(span, error, policy.shared().conventions);
}
