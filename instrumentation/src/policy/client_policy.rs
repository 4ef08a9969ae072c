//! [`ClientPolicy`]: the settings for outgoing requests.

use std::sync::Arc;

use anytrace_api::{SpanRef, with_tracer};
use http::HeaderName;

use super::{
    Propagation, SharedSettings, callback::Callback, server_policy::header_names,
    shared_counter::SharedCounter, shared_settings::shared_setters,
};
use crate::OutgoingRequest;

/// The settings for tracing outgoing requests. Cloning is cheap.
///
/// By default, every request that is sent while a span is current starts a child span that is named after its method,
/// and the trace and all baggage are sent with the request. Requests without a current span are not traced.
///
/// Callbacks run on the thread that sends the request, so keep them short. A callback that panics does not fail the
/// request; the panic is [counted](Self::callback_panics).
///
/// ```
/// use anytrace_instrumentation::ClientPolicy;
///
/// let policy = ClientPolicy::new()
///     .correlation_header("x-correlation-id")
///     .callee_headers(["x-target-service"])
///     .on_request(|span, request| {
///         span.set_tag("signed", request.headers().contains_key("authorization"));
///     });
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientPolicy {
    inner: Arc<Inner>,
}

type Skip = dyn Fn(&OutgoingRequest<'_>) -> bool + Send + Sync;
type SpanName = dyn Fn(&OutgoingRequest<'_>) -> Option<String> + Send + Sync;
type PerRequest = dyn Fn(&OutgoingRequest<'_>) -> Propagation + Send + Sync;
type OnRequest = dyn Fn(&SpanRef, &mut OutgoingRequest<'_>) + Send + Sync;

#[derive(Clone, Debug, Default)]
struct Inner {
    shared: SharedSettings,
    skip: Callback<Skip>,
    span_name: Callback<SpanName>,
    propagation: Callback<PerRequest>,
    withheld: SharedCounter,
    on_request: Callback<OnRequest>,
    correlation_header: Option<HeaderName>,
    callee_headers: Vec<HeaderName>,
    endpoint_headers: Vec<HeaderName>,
    server: Option<(Box<str>, Option<u16>)>,
    start_traces: bool,
}

shared_setters!(ClientPolicy);

impl ClientPolicy {
    /// Skips requests for which `skip` returns true: they start no span, and no trace context is sent with them.
    ///
    /// Default: no request is skipped. Spans that the transport starts while it sends a skipped request are children of
    /// the current span.
    pub fn skip(self, skip: impl Fn(&OutgoingRequest<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.skip.set(Arc::new(skip)))
    }

    /// Sets a callback that names spans.
    ///
    /// Default, and if the callback returns `None` or panics: `{method} {endpoint}`, or `{method}` if no
    /// [header](Self::endpoint_headers) names the endpoint. The callback should choose from a small set of names:
    /// backends group spans by name, so never use the path.
    pub fn span_name(
        self,
        span_name: impl Fn(&OutgoingRequest<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.span_name.set(Arc::new(span_name)))
    }

    /// Sets a callback that runs with the span current after the span has started, before the trace context is written
    /// to the headers. The callback may change the headers.
    ///
    /// Default: no callback. The callback does not run for skipped requests, nor for requests without a current span
    /// unless the policy [starts traces](Self::start_traces).
    pub fn on_request(
        self,
        on_request: impl Fn(&SpanRef, &mut OutgoingRequest<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.on_request.set(Arc::new(on_request)))
    }

    /// Sets a callback that decides per request which part of the trace context the destination receives.
    ///
    /// Default: [`Propagation::All`] for all destinations. If the callback panics, nothing is sent.
    pub fn propagation(
        self,
        propagation: impl Fn(&OutgoingRequest<'_>) -> Propagation + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.propagation.set(Arc::new(propagation)))
    }

    /// Sets the header that carries the correlation id of the [current request](crate::RequestContext), replacing its
    /// present value.
    ///
    /// Default: none; no correlation id is sent. An invalid header name disables the header.
    pub fn correlation_header(self, name: &str) -> Self {
        self.with(|inner| inner.correlation_header = HeaderName::from_bytes(name.as_bytes()).ok())
    }

    /// Sets the request headers that the name of the called service is read from. The first valid value is used.
    ///
    /// Default: none. Invalid header names are ignored. The name is recorded as the tag `peer.service`.
    pub fn callee_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.callee_headers = header_names(names))
    }

    /// Sets the request headers that the name of the called endpoint is read from. The first valid value is used.
    ///
    /// Default: none. Invalid header names are ignored. The name becomes part of the span's name.
    pub fn endpoint_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.endpoint_headers = header_names(names))
    }

    /// Sets the server's host and port to record for requests whose target has no host.
    ///
    /// Default: none; the `Host` header is used. tonic's requests, for example, have only a path.
    pub fn server(self, host: &str, port: Option<u16>) -> Self {
        self.with(|inner| inner.server = Some((host.into(), port)))
    }

    /// Sets whether requests without a current span start a trace.
    ///
    /// Default: false; such requests are not traced, because most of them are background traffic such as the health
    /// probes of a connection pool.
    pub fn start_traces(self, enabled: bool) -> Self {
        self.with(|inner| inner.start_traces = enabled)
    }

    /// Returns the number of baggage members that this policy and its clones have withheld from destinations.
    pub fn baggage_withheld(&self) -> u64 {
        self.inner.withheld.read()
    }

    pub(crate) fn skips(&self, request: &OutgoingRequest<'_>) -> bool {
        self.inner.skip.call(&self.inner.shared.panics, |skip| skip(request)).unwrap_or(false)
    }

    pub(crate) fn call_span_name(&self, request: &OutgoingRequest<'_>) -> Option<String> {
        self.inner.span_name.call(&self.inner.shared.panics, |span_name| span_name(request)).flatten()
    }

    pub(crate) fn call_on_request(&self, span: &SpanRef, request: &mut OutgoingRequest<'_>) {
        let on_request = &self.inner.on_request;
        on_request.call(&self.inner.shared.panics, |on_request| span.in_scope(|| on_request(span, request)));
    }

    /// Writes the allowed part of `span`'s context to the headers of `request`.
    pub(crate) fn inject(&self, span: &SpanRef, request: &mut OutgoingRequest<'_>) {
        let callback = &self.inner.propagation;
        let fallback = if callback.is_set() { Propagation::Nothing } else { Propagation::All };
        let propagation =
            callback.call(&self.inner.shared.panics, |callback| callback(request)).unwrap_or(fallback);
        let headers = request.headers_mut();
        // A span that is not recorded has no tracer, and is injected in the formats of the current tracer.
        let withheld = match &self.inner.shared.tracer {
            Some(tracer) => with_tracer(tracer, || propagation.inject(span, headers)),
            None => propagation.inject(span, headers),
        };
        if withheld > 0 {
            self.inner.withheld.add(withheld as u64);
        }
    }

    pub(crate) fn correlation_header_name(&self) -> Option<&HeaderName> {
        self.inner.correlation_header.as_ref()
    }

    pub(crate) fn callee_header_names(&self) -> &[HeaderName] {
        &self.inner.callee_headers
    }

    pub(crate) fn endpoint_header_names(&self) -> &[HeaderName] {
        &self.inner.endpoint_headers
    }

    pub(crate) fn default_server(&self) -> Option<(&str, Option<u16>)> {
        self.inner.server.as_ref().map(|(host, port)| (&**host, *port))
    }

    pub(crate) fn may_start_traces(&self) -> bool {
        self.inner.start_traces
    }
}
