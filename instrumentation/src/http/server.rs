//! The server's side of a request.

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
    authority::Host,
    first_text,
    headers::service_name,
    method::{KnownMethod, span_name},
    outcome::{self, Side},
};
use crate::{CorrelationId, RequestContext, RequestHead, ResponseHead, ServerPolicy};

/// Starts the span of an incoming request, for any server: continues the caller's trace, or starts one.
///
/// The span knows its [`RequestContext`], and its baggage is shared with the whole request. What is left to do is to
/// make it current while the request is answered, to say how it went ([`after_response`], [`after_error`]), and to end
/// it when the body is sent. [`ServerLayer`](crate::ServerLayer) does all of it.
///
/// Requests that the policy skips have [no span](SpanRef::is_none).
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
    start(&request.into(), policy)
}

fn start(request: &RequestHead<'_>, policy: &ServerPolicy) -> StartedSpan {
    if policy.skips(request) {
        return StartedSpan::none();
    }
    let tracer = policy.common().tracer();
    let found = tracer.extract(request.headers()).into_context();
    let peer = policy.peer_in(request.extensions());
    let (parent, link) = policy.admit(request, peer, found);
    let correlation_id = correlation_id(request, policy, parent.baggage());
    let mut span = if tracer.is_none() {
        StartedSpan::none()
    } else {
        start_by(&tracer, request, policy, peer, (&parent, link.as_ref()))
    };

    let caller = first_text(request.headers(), policy.names_of_caller(), service_name);
    let method = KnownMethod::of(request.method()).name();
    let context = RequestContext::attach_http(&mut span, correlation_id, caller, Some(method));
    if let (Some(key), Some(id)) = (policy.names_of_correlation().1, context.correlation_id()) {
        // Where the baggage is full, there is still the header.
        let _ = span.set_baggage(key, id.as_str());
    }
    policy.requested(&span, request);
    span
}

fn start_by(
    tracer: &anytrace_api::TracerHandle,
    request: &RequestHead<'_>,
    policy: &ServerPolicy,
    peer: Option<SocketAddr>,
    (parent, link): (&Context, Option<&Context>),
) -> StartedSpan {
    let common = policy.common();
    let method = KnownMethod::of(request.method());
    let route = policy.route_in(request.extensions());
    let name = policy.name_for(request).map_or_else(|| span_name(method.name(), route), Cow::Owned);

    let uri = request.uri();
    let scheme = uri.scheme_str().unwrap_or(policy.default_scheme());
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let target = common.redaction.url(target);
    let (path, query) = target.split_once('?').map_or((&*target, None), |(path, query)| (path, Some(query)));
    let host = Host::of(uri, request.headers());
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let address = peer.map(|peer| peer.ip().to_canonical().to_string());
    let port = peer.map(|peer| peer.port());

    let new = common.vocabulary.has_semconv();
    let old = common.vocabulary.has_open_tracing();
    let url = old.then(|| match &host {
        Some(host) => common.redaction.url(&format!("{scheme}://{}{target}", host.as_str())).into_owned(),
        None => (*target).to_owned(),
    });
    let is_v4 = peer.is_some_and(|peer| matches!(peer.ip().to_canonical(), IpAddr::V4(_)));
    let tags = tags! {
        keys::HTTP_REQUEST_METHOD => new.then_some(method.tag()),
        keys::HTTP_REQUEST_METHOD_ORIGINAL => method.original().filter(|_| new),
        keys::URL_SCHEME => new.then_some(scheme),
        keys::URL_PATH => new.then_some(path),
        keys::URL_QUERY => query.filter(|_| new),
        keys::HTTP_ROUTE => route,
        keys::SERVER_ADDRESS => host.as_ref().filter(|_| new).map(Host::name),
        keys::SERVER_PORT => host.as_ref().filter(|_| new).and_then(Host::port),
        keys::CLIENT_ADDRESS => address.as_deref().filter(|_| new),
        keys::NETWORK_PEER_ADDRESS => address.as_deref().filter(|_| new),
        keys::NETWORK_PEER_PORT => port.filter(|_| new),
        keys::NETWORK_PROTOCOL_VERSION => version(request.version()).filter(|_| new),
        keys::USER_AGENT_ORIGINAL => agent.filter(|_| new),
        opentracing::HTTP_METHOD => old.then_some(method.sent()),
        opentracing::HTTP_URL => url.as_deref(),
        opentracing::PEER_HOST_IPV4 => address.as_deref().filter(|_| old && is_v4),
        opentracing::PEER_HOST_IPV6 => address.as_deref().filter(|_| old && !is_v4),
        opentracing::PEER_PORT => port.filter(|_| old),
    };
    let links: Vec<_> = link.iter().map(|link| Link::to(*link)).collect();
    let operation = Operation::server(&name).tags(&tags).links(&links).instrumentation_scope(common.origin);
    tracer.join_trace(operation, parent)
}

fn correlation_id(
    request: &RequestHead<'_>,
    policy: &ServerPolicy,
    baggage: &Baggage,
) -> Option<CorrelationId> {
    let (headers, key) = policy.names_of_correlation();
    first_text(request.headers(), headers, |text| text.parse().ok())
        .or_else(|| baggage.get(key?)?.parse().ok())
}

/// The version as the semantic conventions write it.
pub(crate) fn version(version: Version) -> Option<&'static str> {
    Some(match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    })
}

/// Says how a request was answered: status code, the route if it is known only now, the policy's callback; and writes
/// into the response what the policy wants there. See [`before_request`].
///
/// Status codes from 500 are failures. Those from 400 are the client's.
pub fn after_response<B>(span: &SpanRef, response: &mut Response<B>, policy: &ServerPolicy) {
    answered(span, &ResponseHead::from(&*response), policy);
    if policy.tells_traceparent() {
        if let Some(traceparent) = traceparent(span.context()) {
            let _ = response.headers_mut().try_insert("traceparent", traceparent);
        }
    }
}

fn answered(span: &SpanRef, response: &ResponseHead<'_>, policy: &ServerPolicy) {
    if let Some(route) = policy.route_in(response.extensions()) {
        if let Some(request) = RequestContext::of(span) {
            request.set_route(route);
        }
    }
    outcome::answered(span, response, Side::Server, policy.common().vocabulary);
    policy.common().answered(span, response);
}

/// Alone: neither trace state nor baggage is for those who merely asked.
fn traceparent(context: &Context) -> Option<http::HeaderValue> {
    let mut headers = http::HeaderMap::new();
    W3cTraceContext.inject(context, &mut headers);
    headers.remove("traceparent")
}

/// Says that a request was not answered, because of `error`. See [`before_request`].
///
/// ```
/// use anytrace_instrumentation::{ServerPolicy, after_error};
///
/// after_error(&anytrace_api::current_span(), "no such backend", &ServerPolicy::new());
/// ```
pub fn after_error<E: Display + ?Sized>(span: &SpanRef, error: &E, policy: &ServerPolicy) {
    outcome::fail(span, error, policy.common().vocabulary);
}
