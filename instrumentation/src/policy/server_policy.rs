//! [`ServerPolicy`]: the settings for incoming requests.

use std::{net::SocketAddr, sync::Arc};

use anytrace_api::{Context, SpanRef};
use http::{Extensions, HeaderName};

use super::{
    InboundContext, RateLimit, RefusalCounts, SharedSettings, callback::Callback,
    inbound_filter::InboundFilter, shared_settings::shared_setters,
};
use crate::RequestHead;

/// The settings for tracing incoming requests. Cloning is cheap.
///
/// By default, every request starts a span that is named after its method, continues the caller's trace, and takes the
/// correlation id from the headers `x-correlation-id` and `x-request-id`.
///
/// Callbacks run on the thread that handles the request, so keep them short. A callback that panics does not fail the
/// request; the panic is [counted](Self::callback_panics).
///
/// ```
/// use anytrace_instrumentation::ServerPolicy;
///
/// let policy = ServerPolicy::new()
///     .skip(|request| request.uri().path() == "/health")
///     .caller_headers(["x-service-name"])
///     .traceparent_in_response(true)
///     .on_response(|span, response| {
///         let cache = response.headers().get("x-cache").and_then(|value| value.to_str().ok());
///         span.set_tag("cache", cache);
///     });
/// # let _ = policy;
/// ```
///
/// # Routes, with axum
///
/// A span is named after the route pattern (`GET /users/{id}`), never after the path. axum stores the pattern in the
/// extensions of the request, for layers that are added to the `Router` with `layer`:
///
/// ```
/// use anytrace_instrumentation::{ServerLayer, ServerPolicy};
/// use axum::{Router, extract::MatchedPath, routing::get};
///
/// let policy = ServerPolicy::new().route(|extensions| Some(extensions.get::<MatchedPath>()?.as_str()));
/// let app: Router = Router::new()
///     .route("/users/{id}", get(|| async { "ada" }))
///     .layer(ServerLayer::new(policy)); // after the routes
/// # let _ = app;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServerPolicy {
    inner: Arc<Inner>,
}

type Skip = dyn Fn(&RequestHead<'_>) -> bool + Send + Sync;
type SpanName = dyn Fn(&RequestHead<'_>) -> Option<String> + Send + Sync;
type Route = dyn Fn(&Extensions) -> Option<&str> + Send + Sync;
type Peer = dyn Fn(&Extensions) -> Option<SocketAddr> + Send + Sync;
type OnRequest = dyn Fn(&SpanRef, &RequestHead<'_>) + Send + Sync;

#[derive(Clone, Debug)]
struct Inner {
    shared: SharedSettings,
    skip: Callback<Skip>,
    suppress_skipped: bool,
    span_name: Callback<SpanName>,
    route: Callback<Route>,
    peer: Callback<Peer>,
    on_request: Callback<OnRequest>,
    correlation_headers: Vec<HeaderName>,
    correlation_baggage_key: Option<Box<str>>,
    caller_headers: Vec<HeaderName>,
    scheme: &'static str,
    inbound_filter: InboundFilter,
    traceparent_in_response: bool,
}

impl Default for Inner {
    fn default() -> Self {
        let correlation_headers = ["x-correlation-id", "x-request-id"].map(HeaderName::from_static);
        Inner {
            shared: SharedSettings::default(),
            skip: Callback::default(),
            suppress_skipped: true,
            span_name: Callback::default(),
            route: Callback::default(),
            peer: Callback::default(),
            on_request: Callback::default(),
            correlation_headers: correlation_headers.to_vec(),
            correlation_baggage_key: None,
            caller_headers: Vec::new(),
            scheme: "http",
            inbound_filter: InboundFilter::default(),
            traceparent_in_response: false,
        }
    }
}

shared_setters!(ServerPolicy);

impl ServerPolicy {
    /// Skips requests for which `skip` returns true, such as health checks.
    ///
    /// Default: no request is skipped.
    ///
    /// A skipped request has no span and no [request context](crate::RequestContext), and the caller's trace is not
    /// continued. Tracing is [suppressed](anytrace_api::suppression::suppressed) while the service handles the request
    /// and produces the response body, so that spans in the handler do not start traces of their own. Use
    /// [`suppress_skipped`](Self::suppress_skipped) to change that.
    ///
    /// [`ServerLayer`](crate::ServerLayer) suppresses tracing by itself. Servers that call
    /// [`before_request`](crate::before_request) check [`suppresses`](Self::suppresses).
    ///
    /// ```
    /// use anytrace_instrumentation::{ServerPolicy, before_request};
    ///
    /// let policy = ServerPolicy::new().skip(|request| request.uri().path() == "/health");
    /// let request = http::Request::get("/health").body(()).unwrap();
    /// assert!(before_request(&request, &policy).is_none());
    /// ```
    pub fn skip(self, skip: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.skip.set(Arc::new(skip)))
    }

    /// Sets whether tracing is suppressed inside [skipped](Self::skip) requests.
    ///
    /// Default: true. With false, only the request's own span is omitted: a span that starts inside a skipped request
    /// is a child of the current span, or else starts a trace. Choose false if skipped requests do work that should be
    /// traced, such as a cron endpoint.
    ///
    /// ```
    /// use anytrace_instrumentation::ServerPolicy;
    ///
    /// let policy = ServerPolicy::new()
    ///     .skip(|request| request.uri().path().starts_with("/cron/"))
    ///     .suppress_skipped(false);
    /// # let _ = policy;
    /// ```
    pub fn suppress_skipped(self, enabled: bool) -> Self {
        self.with(|inner| inner.suppress_skipped = enabled)
    }

    /// Returns true if `span`, which [`before_request`](crate::before_request) returned, belongs to a skipped request
    /// inside which tracing is suppressed.
    ///
    /// For servers without [`ServerLayer`](crate::ServerLayer), which does the same by itself:
    ///
    /// ```
    /// use anytrace_api::suppression::suppressed;
    /// use anytrace_instrumentation::{ServerPolicy, before_request};
    /// use http::Request;
    ///
    /// fn serve(request: &Request<()>, policy: &ServerPolicy) -> &'static str {
    ///     let span = before_request(request, policy);
    ///     if policy.suppresses(&span) {
    ///         return suppressed(|| handle(request));
    ///     }
    ///     span.run(|| handle(request))
    /// }
    ///
    /// fn handle(_: &Request<()>) -> &'static str {
    ///     anytrace_api::start_span("database ping").finish();
    ///     "ok"
    /// }
    /// # serve(&Request::new(()), &ServerPolicy::new().skip(|_| true));
    /// ```
    pub fn suppresses(&self, span: &SpanRef) -> bool {
        // The span of a request that is not skipped holds a request context, even with tracing off.
        span.is_none() && self.suppresses_skipped()
    }

    /// Sets a callback that names spans.
    ///
    /// Default, and if the callback returns `None` or panics: `{method} {route}`, or `{method}` if the route is
    /// unknown. The callback should choose from a small set of names: backends group spans by name, so never use the
    /// path.
    pub fn span_name(
        self,
        span_name: impl Fn(&RequestHead<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.span_name.set(Arc::new(span_name)))
    }

    /// Sets a callback that reads the route pattern from extensions.
    ///
    /// Default: no callback, so the route is unknown. The callback is called with the extensions of the request and
    /// then with those of the response, for servers that know the route only then. See the example
    /// [above](Self#routes-with-axum). A handler can also call
    /// [`RequestContext::set_route`](crate::RequestContext::set_route).
    pub fn route(self, route: impl Fn(&Extensions) -> Option<&str> + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.route.set(Arc::new(route)))
    }

    /// Sets a callback that reads the client's address from the extensions of the request.
    ///
    /// Default: no callback, so the address is unknown.
    ///
    /// ```
    /// use anytrace_instrumentation::ServerPolicy;
    /// use axum::extract::ConnectInfo;
    /// use std::net::SocketAddr;
    ///
    /// let policy = ServerPolicy::new()
    ///     .peer(|extensions| Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0));
    /// # let _ = policy;
    /// ```
    pub fn peer(self, peer: impl Fn(&Extensions) -> Option<SocketAddr> + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.peer.set(Arc::new(peer)))
    }

    /// Sets a callback that runs with the span current after the span has started, before the request is handled.
    ///
    /// Default: no callback. The callback runs with tracing off, too, but not for skipped requests.
    pub fn on_request(self, on_request: impl Fn(&SpanRef, &RequestHead<'_>) + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.on_request.set(Arc::new(on_request)))
    }

    /// Sets the headers that the correlation id is read from. The first valid value is used.
    ///
    /// Default: `x-correlation-id`, then `x-request-id`. Invalid header names are ignored.
    pub fn correlation_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.correlation_headers = header_names(names))
    }

    /// Sets the baggage key that carries the correlation id to downstream services.
    ///
    /// Default: none; the correlation id is not put into the baggage. With a key, the correlation id is also read from
    /// the baggage if no header has one.
    pub fn correlation_in_baggage(self, key: &str) -> Self {
        self.with(|inner| inner.correlation_baggage_key = Some(key.into()))
    }

    /// Sets the headers that the name of the calling service is read from. The first valid value is used.
    ///
    /// Default: none. Invalid header names are ignored. The name is recorded as the tag `peer.service`.
    pub fn caller_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.caller_headers = header_names(names))
    }

    /// Sets the URL scheme to record for requests whose target has none.
    ///
    /// Default: `http`. Set `https` for a server that is behind TLS.
    pub fn scheme(self, scheme: &'static str) -> Self {
        self.with(|inner| inner.scheme = scheme)
    }

    /// Sets the treatment of the trace contexts that requests bring.
    ///
    /// Default: [`InboundContext::Continue`].
    pub fn inbound_context(self, treatment: InboundContext) -> Self {
        self.with(|inner| inner.inbound_filter.treatment = treatment)
    }

    /// Sets a callback that decides per request about the trace context: for servers that both strangers and internal
    /// services call.
    ///
    /// Default: no callback; [`inbound_context`](Self::inbound_context) holds for all requests. The callback receives
    /// the address that [`peer`](Self::peer) finds, and is called only if the request brings a context. If the callback
    /// panics, the context is ignored.
    ///
    /// Base the decision on facts that the connection proves, such as the address or a client certificate. Any client
    /// can send headers such as `forwarded`, unless a trusted proxy overwrites them.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use anytrace_instrumentation::{InboundContext, ServerPolicy};
    /// use axum::extract::ConnectInfo;
    ///
    /// let policy = ServerPolicy::new()
    ///     .peer(|extensions| Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0))
    ///     .inbound_context_by(|request, peer| match peer {
    ///         Some(peer) if peer.ip().is_loopback() => InboundContext::ContinueDebug,
    ///         _ if request.uri().path().starts_with("/partner/") => InboundContext::Link,
    ///         _ => InboundContext::Ignore,
    ///     });
    /// # let _ = policy;
    /// ```
    pub fn inbound_context_by(
        self,
        treatment: impl Fn(&RequestHead<'_>, Option<SocketAddr>) -> InboundContext + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.inbound_filter.set_per_request(Arc::new(treatment)))
    }

    /// Limits how many traces per second callers can force to be recorded, with the sampled flag or a debug request.
    ///
    /// Default: no limit. Over the limit, the trace is continued without the caller's sampling decision, and the tracer
    /// decides instead.
    ///
    /// The limit protects against callers that set the flag on every request, by mistake or with intent, and so have
    /// every request recorded, sent and billed ([W3C Trace Context], section "Denial of Service").
    ///
    /// The limit needs a tracer that makes its own decision if the caller made none: the reference tracer with a
    /// `parent_based` sampler around a ratio, or OpenTelemetry with the `ContextSampler` of the bridge. Without the
    /// `ContextSampler`, OpenTelemetry treats such a trace as sampled.
    ///
    /// ```
    /// use anytrace_instrumentation::{RateLimit, ServerPolicy};
    ///
    /// let policy = ServerPolicy::new().forced_traces(RateLimit::per_second(10));
    /// # let _ = policy;
    /// ```
    ///
    /// [W3C Trace Context]: https://www.w3.org/TR/trace-context-2/#denial-of-service
    pub fn forced_traces(self, limit: RateLimit) -> Self {
        self.with(|inner| inner.inbound_filter.set_limit(limit))
    }

    /// Returns the number of contexts and sampling decisions that this policy and its clones have refused.
    ///
    /// ```
    /// use anytrace_instrumentation::{InboundContext, ServerPolicy, before_request};
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// let policy = ServerPolicy::new().tracer(mock.handle()).inbound_context(InboundContext::Ignore);
    /// let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let request = http::Request::get("/").header("traceparent", traceparent).body(()).unwrap();
    /// before_request(&request, &policy).finish();
    /// assert_eq!(policy.refused().contexts, 1);
    /// ```
    pub fn refused(&self) -> RefusalCounts {
        self.inner.inbound_filter.refused()
    }

    /// Sets whether the span's `traceparent` is written to the response, so that a caller can report the id of its
    /// trace.
    ///
    /// Default: false. Trace state and baggage are never written to the response. Without a trace, no header is
    /// written.
    pub fn traceparent_in_response(self, enabled: bool) -> Self {
        self.with(|inner| inner.traceparent_in_response = enabled)
    }

    pub(crate) fn skips(&self, request: &RequestHead<'_>) -> bool {
        self.inner.skip.call(&self.inner.shared.panics, |skip| skip(request)).unwrap_or(false)
    }

    pub(crate) fn suppresses_skipped(&self) -> bool {
        self.inner.suppress_skipped
    }

    pub(crate) fn call_span_name(&self, request: &RequestHead<'_>) -> Option<String> {
        self.inner.span_name.call(&self.inner.shared.panics, |span_name| span_name(request)).flatten()
    }

    pub(crate) fn call_route<'a>(&self, extensions: &'a Extensions) -> Option<&'a str> {
        self.inner.route.call(&self.inner.shared.panics, |route| route(extensions)).flatten()
    }

    pub(crate) fn call_peer(&self, extensions: &Extensions) -> Option<SocketAddr> {
        self.inner.peer.call(&self.inner.shared.panics, |peer| peer(extensions)).flatten()
    }

    pub(crate) fn call_on_request(&self, span: &SpanRef, request: &RequestHead<'_>) {
        let on_request = &self.inner.on_request;
        on_request.call(&self.inner.shared.panics, |on_request| span.in_scope(|| on_request(span, request)));
    }

    pub(crate) fn correlation_header_names(&self) -> &[HeaderName] {
        &self.inner.correlation_headers
    }

    pub(crate) fn correlation_baggage_key(&self) -> Option<&str> {
        self.inner.correlation_baggage_key.as_deref()
    }

    pub(crate) fn caller_header_names(&self) -> &[HeaderName] {
        &self.inner.caller_headers
    }

    pub(crate) fn default_scheme(&self) -> &'static str {
        self.inner.scheme
    }

    /// Returns the parent of the request's span, empty for a new trace, and the context that the span links to.
    pub(crate) fn filter_inbound(
        &self,
        request: &RequestHead<'_>,
        peer: Option<SocketAddr>,
        extracted: Context,
    ) -> (Context, Option<Context>) {
        self.inner.inbound_filter.filter(request, peer, extracted, &self.inner.shared.panics)
    }

    pub(crate) fn writes_traceparent(&self) -> bool {
        self.inner.traceparent_in_response
    }
}

pub(super) fn header_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<HeaderName> {
    names.into_iter().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()).collect()
}
