//! What an application decides about the tracing of its clients.

use std::sync::Arc;

use anytrace_api::{SpanRef, with_tracer};
use http::HeaderName;

use super::{
    Common, Propagation, callback::Callback, common::common_setters, counter::Counter, server::header_names,
};
use crate::OutgoingRequest;

/// What an application decides about the tracing of its clients. Cheap to clone.
///
/// Callbacks run within the request, so they should be quick. One that panics is counted
/// ([`callback_panics`](Self::callback_panics)) and harms no request.
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
type Name = dyn Fn(&OutgoingRequest<'_>) -> Option<String> + Send + Sync;
type Destination = dyn Fn(&OutgoingRequest<'_>) -> Propagation + Send + Sync;
type OnRequest = dyn Fn(&SpanRef, &mut OutgoingRequest<'_>) + Send + Sync;

#[derive(Clone, Debug, Default)]
struct Inner {
    common: Common,
    skip: Callback<Skip>,
    name: Callback<Name>,
    propagation: Callback<Destination>,
    withheld: Counter,
    on_request: Callback<OnRequest>,
    correlation_header: Option<HeaderName>,
    callee_headers: Vec<HeaderName>,
    endpoint_headers: Vec<HeaderName>,
    server: Option<(Box<str>, Option<u16>)>,
    starts_traces: bool,
}

common_setters!(ClientPolicy);

impl ClientPolicy {
    /// Requests for which `skip` holds are not traced, and not told of the trace.
    pub fn skip(self, skip: impl Fn(&OutgoingRequest<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.skip.set(Arc::new(skip)))
    }

    /// Names spans. It must choose from a small set: never the path. With `None`, the span is named
    /// `{method} {endpoint}`, or `{method}` where no header names the endpoint.
    pub fn span_name(
        self,
        name: impl Fn(&OutgoingRequest<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.name.set(Arc::new(name)))
    }

    /// Runs when the span has started, with it current, and before its context is written into the headers, which it may
    /// change.
    pub fn on_request(
        self,
        on_request: impl Fn(&SpanRef, &mut OutgoingRequest<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.on_request.set(Arc::new(on_request)))
    }

    /// What each destination is told of the trace. Everything, unless this is set; nothing where it panics. See
    /// [`Propagation`].
    pub fn propagation(
        self,
        propagation: impl Fn(&OutgoingRequest<'_>) -> Propagation + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.propagation.set(Arc::new(propagation)))
    }

    /// Sends the correlation id of the request that is being answered, in this header and in place of what was there.
    /// A name that no header can have sends none.
    pub fn correlation_header(self, name: &str) -> Self {
        self.with(|inner| inner.correlation_header = HeaderName::from_bytes(name.as_bytes()).ok())
    }

    /// Which headers of the request name the service that is called: the first that is there wins. None by default.
    pub fn callee_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.callee_headers = header_names(names))
    }

    /// Which headers of the request name the endpoint that is called: the first that is there wins, and becomes part of
    /// the span's name. None by default.
    pub fn endpoint_headers<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(|inner| inner.endpoint_headers = header_names(names))
    }

    /// The server that is called, for clients whose requests do not say.
    pub fn server(self, host: &str, port: Option<u16>) -> Self {
        self.with(|inner| inner.server = Some((host.into(), port)))
    }

    /// Requests that nothing caused, because no span is current, start a trace each. Otherwise they are not traced:
    /// most of them are the idle noise of pools and probes.
    pub fn start_traces(self, yes: bool) -> Self {
        self.with(|inner| inner.starts_traces = yes)
    }

    /// How many members of baggage this policy and its clones have kept from destinations.
    pub fn baggage_withheld(&self) -> u64 {
        self.inner.withheld.read()
    }

    pub(crate) fn skips(&self, request: &OutgoingRequest<'_>) -> bool {
        self.inner.skip.ask(&self.inner.common.panics, |skip| skip(request)).unwrap_or(false)
    }

    pub(crate) fn name_for(&self, request: &OutgoingRequest<'_>) -> Option<String> {
        self.inner.name.ask(&self.inner.common.panics, |name| name(request)).flatten()
    }

    pub(crate) fn requested(&self, span: &SpanRef, request: &mut OutgoingRequest<'_>) {
        let on_request = &self.inner.on_request;
        on_request.ask(&self.inner.common.panics, |on_request| span.in_scope(|| on_request(span, request)));
    }

    /// Writes what the destination is told.
    pub(crate) fn tell(&self, span: &SpanRef, request: &mut OutgoingRequest<'_>) {
        let propagation = &self.inner.propagation;
        let asked = propagation.ask(&self.inner.common.panics, |propagation| propagation(request));
        let told =
            asked.unwrap_or(if propagation.is_set() { Propagation::Nothing } else { Propagation::All });
        let headers = request.headers_mut();
        // A span that is not recorded does not know its tracer, and speaks the formats of the one in force.
        let withheld = match &self.inner.common.tracer {
            Some(tracer) => with_tracer(tracer, || told.inject(span, headers)),
            None => told.inject(span, headers),
        };
        match withheld {
            0 => {}
            withheld => self.inner.withheld.add(withheld as u64),
        }
    }

    pub(crate) fn name_of_correlation(&self) -> Option<&HeaderName> {
        self.inner.correlation_header.as_ref()
    }

    pub(crate) fn names_of_callee(&self) -> &[HeaderName] {
        &self.inner.callee_headers
    }

    pub(crate) fn names_of_endpoint(&self) -> &[HeaderName] {
        &self.inner.endpoint_headers
    }

    pub(crate) fn known_server(&self) -> Option<(&str, Option<u16>)> {
        self.inner.server.as_ref().map(|(host, port)| (&**host, *port))
    }

    pub(crate) fn may_start_traces(&self) -> bool {
        self.inner.starts_traces
    }
}
