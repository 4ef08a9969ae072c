//! The client's side of a request.

use std::{borrow::Cow, fmt::Display, mem, net::IpAddr};

use anytrace_api::{
    Operation, SpanRef, StartedSpan, TraceContext, current_span,
    keys::{self, opentracing},
    tags,
};
use http::{HeaderValue, Request, header};

use super::{
    authority::{Host, default_port},
    first_text,
    headers::service_name,
    method::{KnownMethod, span_name},
    outcome::{self, Side},
    server::version,
};
use crate::{ClientPolicy, OutgoingRequest, RequestContext, ResponseHead};

/// Starts the span of an outgoing request and writes its context into the headers, for any client.
///
/// The span is a child of the current one. Where none is current, the request has [no span](SpanRef::is_none) and is
/// left as it is, unless the [policy](ClientPolicy::start_traces) wants it otherwise. What is left to do is to make it
/// current while the request is sent, to say how it went ([`after_http_response`], [`after_http_error`]), and to end
/// it when the body is read. [`ClientLayer`](crate::ClientLayer) does all of it.
///
/// ```
/// use anytrace_instrumentation::{ClientPolicy, after_http_error, after_http_response, before_http_request};
/// use http::{Request, Response};
///
/// fn send(mut request: Request<()>, policy: &ClientPolicy) -> Result<Response<String>, String> {
///     let span = before_http_request(&mut request, policy).entered();
///     let result = transport(request);
///     match &result {
///         Ok(response) => after_http_response(&span, response, policy),
///         Err(error) => after_http_error(&span, error, policy),
///     }
///     span.finish();
///     result
/// }
/// # fn transport(_: Request<()>) -> Result<Response<String>, String> { Err("no network".to_owned()) }
/// # send(Request::new(()), &ClientPolicy::new()).unwrap_err();
/// ```
pub fn before_http_request<B>(request: &mut Request<B>, policy: &ClientPolicy) -> StartedSpan {
    let mut headers = mem::take(request.headers_mut());
    let mut outgoing = OutgoingRequest::new(request.method(), request.uri(), &mut headers)
        .with_extensions(request.extensions());
    let span = before_outgoing(&mut outgoing, policy);
    *request.headers_mut() = headers;
    span
}

/// The same for clients whose requests are not [`http::Request`]s. See [`OutgoingRequest`].
pub fn before_outgoing(request: &mut OutgoingRequest<'_>, policy: &ClientPolicy) -> StartedSpan {
    let current = current_span();
    let may_start = policy.may_start_traces();
    if current.is_none() && !may_start || policy.skips(request) {
        return StartedSpan::none();
    }
    let span = if current.context().ids().is_some() || may_start {
        start(&current, request, policy)
    } else {
        // Baggage without a trace travels on.
        StartedSpan::new(current.context().clone(), None)
    };
    if let Some((name, id)) = correlation_header(&span, policy) {
        let _ = request.headers_mut().try_insert(name, id);
    }
    policy.requested(&span, request);
    let says_anything = span.trace_id().is_some() || !span.baggage().is_empty();
    if says_anything {
        policy.tell(&span, request);
    }
    span
}

fn correlation_header(span: &SpanRef, policy: &ClientPolicy) -> Option<(header::HeaderName, HeaderValue)> {
    let name = policy.name_of_correlation()?.clone();
    let request = RequestContext::of(span)?;
    Some((name, HeaderValue::from_str(request.correlation_id()?.as_str()).ok()?))
}

fn start(current: &SpanRef, request: &OutgoingRequest<'_>, policy: &ClientPolicy) -> StartedSpan {
    let common = policy.common();
    let method = KnownMethod::of(request.method());
    let endpoint = first_text(request.headers(), policy.names_of_endpoint(), service_name);
    let callee = first_text(request.headers(), policy.names_of_callee(), service_name);
    let name = policy.name_for(request).map_or_else(|| span_name(method.name(), endpoint), Cow::Owned);

    let server = Server::of(request, policy);
    let uri = request.uri().to_string();
    let url = common.redaction.url(&uri);
    let address = server.address.as_deref();
    let ip = address.and_then(|address| address.parse::<IpAddr>().ok());

    let new = common.vocabulary.has_semconv();
    let old = common.vocabulary.has_open_tracing();
    let tags = tags! {
        keys::HTTP_REQUEST_METHOD => new.then_some(method.tag()),
        keys::HTTP_REQUEST_METHOD_ORIGINAL => method.original().filter(|_| new),
        keys::URL_FULL => new.then_some(&*url),
        keys::SERVER_ADDRESS => address.filter(|_| new),
        keys::SERVER_PORT => server.port.filter(|_| new),
        opentracing::HTTP_METHOD => old.then_some(method.sent()),
        opentracing::HTTP_URL => old.then_some(&*url),
        opentracing::PEER_HOSTNAME => address.filter(|_| old && ip.is_none()),
        opentracing::PEER_HOST_IPV4 => address.filter(|_| old && ip.is_some_and(|ip| ip.is_ipv4())),
        opentracing::PEER_HOST_IPV6 => address.filter(|_| old && ip.is_some_and(|ip| ip.is_ipv6())),
        opentracing::PEER_PORT => server.port.filter(|_| old),
        opentracing::PEER_SERVICE => callee,
    };
    let operation = Operation::client(&name).tags(&tags).instrumentation_scope(common.origin);
    match &common.tracer {
        Some(tracer) => tracer.join_trace(operation, current),
        None if current.is_none() => anytrace_api::start_trace(operation),
        None => current.start_child(operation),
    }
}

/// Where a request goes.
struct Server<'a> {
    address: Option<Cow<'a, str>>,
    port: Option<u16>,
}

impl<'a> Server<'a> {
    fn of(request: &OutgoingRequest<'_>, policy: &'a ClientPolicy) -> Self {
        let scheme_port = request.uri().scheme_str().and_then(default_port);
        if request.uri().authority().is_none() {
            if let Some((host, port)) = policy.known_server() {
                return Server { address: Some(host.into()), port: port.or(scheme_port) };
            }
        }
        let host = Host::of(request.uri(), request.headers());
        let port = host.as_ref().and_then(|host| host.port().or(scheme_port));
        Server { address: host.map(|host| host.name().to_owned().into()), port }
    }
}

/// Says how a request was answered: status code, and the policy's callback. See [`before_http_request`].
///
/// Status codes from 400 are failures: the server holds the client, or itself, to blame.
pub fn after_http_response<'a>(span: &SpanRef, response: impl Into<ResponseHead<'a>>, policy: &ClientPolicy) {
    let response = response.into();
    let vocabulary = policy.common().vocabulary;
    if vocabulary.has_semconv() {
        span.set_tag(keys::NETWORK_PROTOCOL_VERSION, version(response.version()));
    }
    outcome::answered(span, &response, Side::Client, vocabulary);
    policy.common().answered(span, &response);
}

/// Says that a request was not answered, because of `error`. See [`before_http_request`].
pub fn after_http_error<E: Display + ?Sized>(span: &SpanRef, error: &E, policy: &ClientPolicy) {
    outcome::fail(span, error, policy.common().vocabulary);
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn server(uri: &'static str, policy: &ClientPolicy) -> (Option<String>, Option<u16>) {
        let request: Request<()> = Request::get(uri).body(()).unwrap();
        let mut headers = HeaderMap::new();
        let outgoing = OutgoingRequest::new(request.method(), request.uri(), &mut headers);
        let server = Server::of(&outgoing, policy);
        (server.address.map(Cow::into_owned), server.port)
    }

    #[test]
    fn the_server_is_that_of_the_target_else_the_known_one() {
        let policy = ClientPolicy::new().server("grpc.test", Some(50051));
        assert_eq!(server("https://shop.test/x", &policy), (Some("shop.test".into()), Some(443)));
        assert_eq!(server("http://[::1]:8080/", &policy), (Some("::1".into()), Some(8080)));
        assert_eq!(server("/pkg.Service/Method", &policy), (Some("grpc.test".into()), Some(50051)));
        assert_eq!(server("/x", &ClientPolicy::new()), (None, None));
    }
}
