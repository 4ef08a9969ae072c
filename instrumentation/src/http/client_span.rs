//! Spans of outgoing requests.

use std::{borrow::Cow, fmt::Display, mem, net::IpAddr};

use anytrace_api::{
    Operation, SpanRef, StartedSpan, TraceContext, current_span,
    keys::{self, opentracing},
    tags,
};
use http::{HeaderValue, Request, header};

use super::{
    first_valid,
    header_text::parse_service_name,
    host::{Host, default_port},
    method::{KnownMethod, span_name},
    server_span::protocol_version,
    side::Side,
    span_status::{record_error, record_response},
};
use crate::{ClientPolicy, OutgoingRequest, RequestContext, ResponseHead};

/// Starts the span of an outgoing request and writes its context to the headers.
///
/// For clients that are not tower services. The span is a child of the current span. Without a current span, the
/// request is not traced: the returned span [is none](SpanRef::is_none), and the headers are not changed, unless the
/// policy [starts traces](ClientPolicy::start_traces). Requests that the policy skips are not traced either. With
/// tracing off, the [correlation id](ClientPolicy::correlation_header) of the current request is still sent.
///
/// The caller makes the span current while the request is sent, calls [`after_http_response`] or [`after_http_error`],
/// and ends the span when the response body has been read. [`ClientLayer`](crate::ClientLayer) does all of this.
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
    // Moves the headers out, because callbacks change them while the method, the URI and the extensions are borrowed.
    let mut headers = mem::take(request.headers_mut());
    let mut outgoing = OutgoingRequest::new(request.method(), request.uri(), &mut headers)
        .with_extensions(request.extensions());
    let span = before_outgoing(&mut outgoing, policy);
    *request.headers_mut() = headers;
    span
}

/// Starts the span of an outgoing request like [`before_http_request`]: for clients whose requests are not of the type
/// [`http::Request`].
///
/// See [`OutgoingRequest`] for an example.
pub fn before_outgoing(request: &mut OutgoingRequest<'_>, policy: &ClientPolicy) -> StartedSpan {
    let current = current_span();
    let may_start = policy.may_start_traces();
    if current.is_none() && !may_start || policy.skips(request) {
        return StartedSpan::none();
    }
    let span = if current.context().ids().is_some() || may_start {
        start_span(&current, request, policy)
    } else {
        // Propagates baggage that belongs to no trace.
        StartedSpan::new(current.context().clone(), None)
    };
    if let Some((name, id)) = correlation_header(&span, policy) {
        let _ = request.headers_mut().try_insert(name, id);
    }
    policy.call_on_request(&span, request);
    let has_context = span.trace_id().is_some() || !span.baggage().is_empty();
    if has_context {
        policy.inject(&span, request);
    }
    span
}

fn correlation_header(span: &SpanRef, policy: &ClientPolicy) -> Option<(header::HeaderName, HeaderValue)> {
    let name = policy.correlation_header_name()?.clone();
    let request = RequestContext::of(span)?;
    Some((name, HeaderValue::from_str(request.correlation_id()?.as_str()).ok()?))
}

fn start_span(current: &SpanRef, request: &OutgoingRequest<'_>, policy: &ClientPolicy) -> StartedSpan {
    let shared = policy.shared();
    let method = KnownMethod::of(request.method());
    let endpoint = first_valid(request.headers(), policy.endpoint_header_names(), parse_service_name);
    let callee = first_valid(request.headers(), policy.callee_header_names(), parse_service_name);
    let name = policy.call_span_name(request).map_or_else(|| span_name(method.name(), endpoint), Cow::Owned);

    let server = Server::of(request, policy);
    let uri = request.uri().to_string();
    let url = shared.redaction.url(&uri);
    let address = server.address.as_deref();
    let ip = address.and_then(|address| address.parse::<IpAddr>().ok());

    let has_otel = shared.conventions.has_open_telemetry();
    let has_opentracing = shared.conventions.has_open_tracing();
    let tags = tags! {
        keys::HTTP_REQUEST_METHOD => has_otel.then_some(method.tag()),
        keys::HTTP_REQUEST_METHOD_ORIGINAL => method.original().filter(|_| has_otel),
        keys::URL_FULL => has_otel.then_some(&*url),
        keys::SERVER_ADDRESS => address.filter(|_| has_otel),
        keys::SERVER_PORT => server.port.filter(|_| has_otel),
        opentracing::HTTP_METHOD => has_opentracing.then_some(method.sent()),
        opentracing::HTTP_URL => has_opentracing.then_some(&*url),
        opentracing::PEER_HOSTNAME => address.filter(|_| has_opentracing && ip.is_none()),
        opentracing::PEER_HOST_IPV4 => address.filter(|_| has_opentracing && ip.is_some_and(|ip| ip.is_ipv4())),
        opentracing::PEER_HOST_IPV6 => address.filter(|_| has_opentracing && ip.is_some_and(|ip| ip.is_ipv6())),
        opentracing::PEER_PORT => server.port.filter(|_| has_opentracing),
        opentracing::PEER_SERVICE => callee,
    };
    let operation = Operation::client(&name).tags(&tags).instrumentation_scope(shared.scope);
    match &shared.tracer {
        Some(tracer) => tracer.join_trace(operation, current),
        None if current.is_none() => anytrace_api::start_trace(operation),
        None => current.start_child(operation),
    }
}

/// The address of the server that a request is sent to.
struct Server<'a> {
    address: Option<Cow<'a, str>>,
    port: Option<u16>,
}

impl<'a> Server<'a> {
    fn of(request: &OutgoingRequest<'_>, policy: &'a ClientPolicy) -> Self {
        let scheme_port = request.uri().scheme_str().and_then(default_port);
        // For example tonic, whose channel knows the server and whose requests have only a path.
        if request.uri().authority().is_none() {
            if let Some((host, port)) = policy.default_server() {
                return Server { address: Some(host.into()), port: port.or(scheme_port) };
            }
        }
        let host = Host::of(request.uri(), request.headers());
        let port = host.as_ref().and_then(|host| host.port().or(scheme_port));
        Server { address: host.map(|host| host.name().to_owned().into()), port }
    }
}

/// Records the response to an outgoing request: its status code and the policy's
/// [`on_response`](ClientPolicy::on_response) callback. See [`before_http_request`].
///
/// Status codes from 400 mark the span as failed, because the caller did not get what it asked for.
pub fn after_http_response<'a>(span: &SpanRef, response: impl Into<ResponseHead<'a>>, policy: &ClientPolicy) {
    let response = response.into();
    let conventions = policy.shared().conventions;
    if conventions.has_open_telemetry() {
        span.set_tag(keys::NETWORK_PROTOCOL_VERSION, protocol_version(response.version()));
    }
    record_response(span, &response, Side::Client, conventions);
    policy.shared().call_on_response(span, &response);
}

/// Records that an outgoing request failed with `error` before there was a response. See [`before_http_request`].
///
/// The error is recorded as an event, and marks the span as failed.
pub fn after_http_error<E: Display + ?Sized>(span: &SpanRef, error: &E, policy: &ClientPolicy) {
    record_error(span, error, policy.shared().conventions);
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
    fn the_servers_address_comes_from_the_target_else_from_the_policy() {
        let policy = ClientPolicy::new().server("grpc.test", Some(50051));
        assert_eq!(server("https://shop.test/x", &policy), (Some("shop.test".into()), Some(443)));
        assert_eq!(server("http://[::1]:8080/", &policy), (Some("::1".into()), Some(8080)));
        assert_eq!(server("/pkg.Service/Method", &policy), (Some("grpc.test".into()), Some(50051)));
        assert_eq!(server("/x", &ClientPolicy::new()), (None, None));
    }
}
