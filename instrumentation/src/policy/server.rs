//! What an application decides about the tracing of its servers.

use std::{net::SocketAddr, sync::Arc};

use anytrace_api::{Context, SpanRef};
use http::{Extensions, HeaderName};

use super::{
    Common, Inbound, RateLimit, Refused, admission::Admission, callback::Callback, common::common_setters,
};
use crate::RequestHead;

/// What an application decides about the tracing of its servers. Cheap to clone.
///
/// Callbacks run within the request, so they should be quick. One that panics is counted
/// ([`callback_panics`](Self::callback_panics)) and harms no request.
///
/// ```
/// use anytrace_instrumentation::{ServerPolicy, Vocabulary};
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
/// The span is named after the route, never after the path. axum puts the route into the request's extensions, for
/// layers that are added to the `Router` by `layer`:
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
type Name = dyn Fn(&RequestHead<'_>) -> Option<String> + Send + Sync;
type Route = dyn Fn(&Extensions) -> Option<&str> + Send + Sync;
type Peer = dyn Fn(&Extensions) -> Option<SocketAddr> + Send + Sync;
type OnRequest = dyn Fn(&SpanRef, &RequestHead<'_>) + Send + Sync;

#[derive(Clone, Debug)]
struct Inner {
    common: Common,
    skip: Callback<Skip>,
    name: Callback<Name>,
    route: Callback<Route>,
    peer: Callback<Peer>,
    on_request: Callback<OnRequest>,
    correlation_headers: Vec<HeaderName>,
    correlation_baggage: Option<Box<str>>,
    caller_headers: Vec<HeaderName>,
    scheme: &'static str,
    admission: Admission,
    traceparent_in_response: bool,
}

impl Default for Inner {
    fn default() -> Self {
        let correlation = ["x-correlation-id", "x-request-id"].map(HeaderName::from_static);
        Inner {
            common: Common::default(),
            skip: Callback::default(),
            name: Callback::default(),
            route: Callback::default(),
            peer: Callback::default(),
            on_request: Callback::default(),
            correlation_headers: correlation.to_vec(),
            correlation_baggage: None,
            caller_headers: Vec::new(),
            scheme: "http",
            admission: Admission::default(),
            traceparent_in_response: false,
        }
    }
}

common_setters!(ServerPolicy);

impl ServerPolicy {
    /// Requests for which `skip` holds are not traced: they run as if tracing were not there, and are not known as
    /// [requests](crate::RequestContext) either.
    pub fn skip(self, skip: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.skip.set(Arc::new(skip)))
    }

    /// Names spans. It must choose from a small set: never the path. With `None`, the span is named
    /// `{method} {route}`, or `{method}` where the route is not known.
    pub fn span_name(
        self,
        name: impl Fn(&RequestHead<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.name.set(Arc::new(name)))
    }

    /// Finds the route in the extensions of the request or, where it is not known by then, of the response. See the
    /// example above. Handlers can say it too: [`RequestContext::set_route`](crate::RequestContext::set_route).
    pub fn route(self, route: impl Fn(&Extensions) -> Option<&str> + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.route.set(Arc::new(route)))
    }

    /// Finds the address of the client in the extensions of the request.
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

    /// Runs when the span has started, with it current, before the request is answered.
    pub fn on_request(self, on_request: impl Fn(&SpanRef, &RequestHead<'_>) + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.on_request.set(Arc::new(on_request)))
    }

    /// Where the correlation id is looked for: the first valid one wins. Instead of `x-correlation-id` and
    /// `x-request-id`. Names that no header can have are left out.
    pub fn correlation_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.correlation_headers = header_names(names))
    }

    /// Puts the correlation id into the baggage, as `key`, so that it travels with the trace; and reads it there when
    /// no header has one.
    pub fn correlation_in_baggage(self, key: &str) -> Self {
        self.with(|inner| inner.correlation_baggage = Some(key.into()))
    }

    /// Where the name of the calling service is looked for: the first that is there wins. None by default. Names that
    /// no header can have are left out.
    pub fn caller_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.caller_headers = header_names(names))
    }

    /// The scheme that callers use, where requests do not say: `http`, unless it is set.
    pub fn scheme(self, scheme: &'static str) -> Self {
        self.with(|inner| inner.scheme = scheme)
    }

    /// What becomes of the trace context that a request brings along.
    pub fn inbound(self, inbound: Inbound) -> Self {
        self.with(|inner| inner.admission.inbound = inbound)
    }

    /// The same by request, instead of [`inbound`](Self::inbound): for servers that strangers and one's own services
    /// call alike. It is told the address that [`peer`](Self::peer) finds. Asked only where there is a context; where it
    /// panics, the context is ignored.
    ///
    /// Trust what the connection proves, its address or its certificate. Headers such as `forwarded` are written by
    /// whoever likes to, unless a proxy of one's own sets them.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use anytrace_instrumentation::{Inbound, ServerPolicy};
    /// use axum::extract::ConnectInfo;
    ///
    /// let policy = ServerPolicy::new()
    ///     .peer(|extensions| Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0))
    ///     .inbound_by(|request, peer| match peer {
    ///         Some(peer) if peer.ip().is_loopback() => Inbound::ContinueDebug,
    ///         _ if request.uri().path().starts_with("/partner/") => Inbound::Link,
    ///         _ => Inbound::Ignore,
    ///     });
    /// # let _ = policy;
    /// ```
    pub fn inbound_by(
        self,
        inbound: impl Fn(&RequestHead<'_>, Option<SocketAddr>) -> Inbound + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.admission.set_by(Arc::new(inbound)))
    }

    /// How many traces callers may have recorded by saying so, with the sampled flag or a debug request. Beyond it the
    /// tracer decides as if they had said nothing: the trace goes on, and perhaps it is not recorded here. No limit,
    /// unless this is set.
    ///
    /// Against callers that set the flag on everything, in malice or by a mistake of theirs, so that everything is
    /// recorded, sent and paid for ([W3C Trace Context], section "Denial of Service").
    ///
    /// It takes a tracer that decides for itself where nobody has: the reference tracer with a sampler that is
    /// `parent_based` around a share, or OpenTelemetry's with the bridge's `ContextSampler`, without which it takes such a
    /// trace for a recorded one.
    ///
    /// [W3C Trace Context]: https://www.w3.org/TR/trace-context-2/#denial-of-service
    pub fn forced_traces(self, limit: RateLimit) -> Self {
        self.with(|inner| inner.admission.set_limit(limit))
    }

    /// What this policy and its clones have refused so far.
    ///
    /// ```
    /// use anytrace_instrumentation::{Inbound, ServerPolicy, before_request};
    /// use anytrace_recorder::MockTracer;
    ///
    /// let mock = MockTracer::new();
    /// let policy = ServerPolicy::new().tracer(mock.handle()).inbound(Inbound::Ignore);
    /// let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let request = http::Request::get("/").header("traceparent", traceparent).body(()).unwrap();
    /// before_request(&request, &policy).finish();
    /// assert_eq!(policy.refused().contexts, 1);
    /// ```
    pub fn refused(&self) -> Refused {
        self.inner.admission.refused()
    }

    /// Writes the span's `traceparent` into the response, so that callers can name the trace they have to do with.
    pub fn traceparent_in_response(self, yes: bool) -> Self {
        self.with(|inner| inner.traceparent_in_response = yes)
    }

    pub(crate) fn skips(&self, request: &RequestHead<'_>) -> bool {
        self.inner.skip.ask(&self.inner.common.panics, |skip| skip(request)).unwrap_or(false)
    }

    pub(crate) fn name_for(&self, request: &RequestHead<'_>) -> Option<String> {
        self.inner.name.ask(&self.inner.common.panics, |name| name(request)).flatten()
    }

    pub(crate) fn route_in<'a>(&self, extensions: &'a Extensions) -> Option<&'a str> {
        self.inner.route.ask(&self.inner.common.panics, |route| route(extensions)).flatten()
    }

    pub(crate) fn peer_in(&self, extensions: &Extensions) -> Option<SocketAddr> {
        self.inner.peer.ask(&self.inner.common.panics, |peer| peer(extensions)).flatten()
    }

    pub(crate) fn requested(&self, span: &SpanRef, request: &RequestHead<'_>) {
        let on_request = &self.inner.on_request;
        on_request.ask(&self.inner.common.panics, |on_request| span.in_scope(|| on_request(span, request)));
    }

    pub(crate) fn names_of_correlation(&self) -> (&[HeaderName], Option<&str>) {
        (&self.inner.correlation_headers, self.inner.correlation_baggage.as_deref())
    }

    pub(crate) fn names_of_caller(&self) -> &[HeaderName] {
        &self.inner.caller_headers
    }

    pub(crate) fn default_scheme(&self) -> &'static str {
        self.inner.scheme
    }

    /// What the request's span hangs on, and what it is linked to.
    pub(crate) fn admit(
        &self,
        request: &RequestHead<'_>,
        peer: Option<SocketAddr>,
        found: Context,
    ) -> (Context, Option<Context>) {
        self.inner.admission.admit(request, peer, found, &self.inner.common.panics)
    }

    pub(crate) fn tells_traceparent(&self) -> bool {
        self.inner.traceparent_in_response
    }
}

pub(super) fn header_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<HeaderName> {
    names.into_iter().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()).collect()
}
