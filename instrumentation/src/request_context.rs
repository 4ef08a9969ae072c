//! [`RequestContext`]: the request that the current code belongs to.

use std::{fmt, sync::Arc};

use anytrace_api::{
    Baggage, SpanRef, StartedSpan, TraceContext, current_span,
    errors::BaggageError,
    keys::{self, opentracing},
};

use crate::{CorrelationId, http::span_name};

/// The request that the current code belongs to: its span, its correlation id and its caller.
///
/// [`ServerLayer`](crate::ServerLayer) and [`before_request`](crate::before_request) create a request context for each
/// request that is not skipped. Handlers find the context in the extensions of the request. All other code finds it
/// with [`current`](Self::current) if the current span is that of the request or a descendant, including tasks, threads
/// and pools that the current span was carried to.
///
/// The context is stored as an [extension](anytrace_api::Context::with_extension) of the span's context, so it works
/// with tracing off, too.
///
/// ```
/// use anytrace_instrumentation::RequestContext;
///
/// fn log(message: &str) {
///     match RequestContext::current() {
///         Some(request) => println!("{message} correlation_id={:?}", request.correlation_id()),
///         None => println!("{message}"),
///     }
/// }
/// # log("hello");
/// ```
#[derive(Clone)]
pub struct RequestContext(Arc<Details>);

struct Details {
    // Its context must not hold these details: that would be a reference cycle.
    span: SpanRef,
    correlation_id: Option<CorrelationId>,
    caller: Option<Box<str>>,
    method: Option<&'static str>,
}

impl RequestContext {
    /// Returns the request that the current span belongs to, or `None` outside of requests.
    pub fn current() -> Option<Self> {
        Self::of(&current_span())
    }

    /// Returns the request that `context` belongs to, or `None` if there is no request.
    ///
    /// ```
    /// use anytrace_instrumentation::{RequestContext, ServerPolicy, before_request};
    ///
    /// let request = http::Request::get("/").header("x-request-id", "r1").body(()).unwrap();
    /// let span = before_request(&request, &ServerPolicy::new());
    /// let context = RequestContext::of(&span).unwrap();
    /// assert_eq!(context.correlation_id().unwrap().as_str(), "r1");
    /// ```
    pub fn of(context: &dyn TraceContext) -> Option<Self> {
        context.context().extension::<Details>().map(RequestContext)
    }

    /// Creates the request context of `span` and attaches it: for message consumers, and for servers of other protocols
    /// than HTTP.
    ///
    /// Code that runs within `span` finds the context with [`current`](Self::current). The correlation id defaults to
    /// the trace id. The span is tagged with `correlation_id` and `peer.service`, and all spans of the request
    /// [share their baggage](StartedSpan::share_baggage) from here on. With tracing off, the context holds the given
    /// correlation id and caller.
    ///
    /// ```
    /// use anytrace_api as trace;
    /// use anytrace_instrumentation::RequestContext;
    ///
    /// let mut span = trace::start_trace("orders process");
    /// RequestContext::attach(&mut span, "order-7f3a".parse().ok(), Some("shop"));
    /// span.run(|| assert_eq!(RequestContext::current().unwrap().caller(), Some("shop")));
    /// ```
    pub fn attach(
        span: &mut StartedSpan,
        correlation_id: Option<CorrelationId>,
        caller: Option<&str>,
    ) -> Self {
        Self::attach_http(span, correlation_id, caller, None)
    }

    pub(crate) fn attach_http(
        span: &mut StartedSpan,
        correlation_id: Option<CorrelationId>,
        caller: Option<&str>,
        method: Option<&'static str>,
    ) -> Self {
        let correlation_id = correlation_id.or_else(|| span.trace_id().map(CorrelationId::from));
        span.set_tag("correlation_id", correlation_id.as_ref().map(CorrelationId::as_str));
        span.set_tag(opentracing::PEER_SERVICE, caller);
        // Before the span is referenced, so that the reference shares the baggage, too.
        span.share_baggage();
        let caller = caller.map(Box::from);
        let details = Arc::new(Details { span: span.reference(), correlation_id, caller, method });
        span.set_extension(Arc::clone(&details));
        RequestContext(details)
    }

    /// Returns the span of the whole request, to set tags on it from nested code.
    ///
    /// With tracing off, writes to this span have no effect.
    pub fn span(&self) -> SpanRef {
        self.0.span.clone().with_extension(Arc::clone(&self.0))
    }

    /// Returns the correlation id: from a header, else from the baggage, else the trace id.
    ///
    /// Returns `None` if the request brings no correlation id and tracing is off.
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.0.correlation_id.as_ref()
    }

    /// Returns the name of the calling service, if the request has one of the
    /// [caller headers](crate::ServerPolicy::caller_headers).
    ///
    /// Any client can send any name, so do not authorize by this name.
    pub fn caller(&self) -> Option<&str> {
        self.0.caller.as_deref()
    }

    /// Returns the baggage that all spans of the request share.
    pub fn baggage(&self) -> &Baggage {
        self.0.span.baggage()
    }

    /// Sets a key and value in the baggage of the request.
    ///
    /// Spans that start later in the request have the new value, and so do the services that the request calls from
    /// then on.
    ///
    /// ```
    /// use anytrace_api as trace;
    /// use anytrace_instrumentation::RequestContext;
    ///
    /// let mut span = trace::start_trace("orders process");
    /// let request = RequestContext::attach(&mut span, None, None);
    /// request.set_baggage("tenant", "acme")?;
    /// assert_eq!(request.baggage().get("tenant"), Some("acme"));
    /// # Ok::<(), anytrace_api::errors::BaggageError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BaggageError`] if the baggage cannot hold the value. See [`anytrace_api::set_baggage`].
    pub fn set_baggage(&self, key: &str, value: &str) -> Result<(), BaggageError> {
        self.0.span.in_scope(|| anytrace_api::set_baggage(key, value))
    }

    /// Sets the route pattern, for servers that know the route only after the span started.
    ///
    /// The route becomes the tag `http.route` and part of the span's name (`GET /users/{id}`). With tracing off, or if
    /// the span is not recorded, this method does nothing.
    ///
    /// ```
    /// # use anytrace_instrumentation::RequestContext;
    /// fn matched(pattern: &str) {
    ///     if let Some(request) = RequestContext::current() {
    ///         request.set_route(pattern);
    ///     }
    /// }
    /// # matched("/users/{id}");
    /// ```
    pub fn set_route(&self, route: &str) {
        let span = &self.0.span;
        if span.is_recording() {
            let name = self
                .0
                .method
                .map_or_else(|| route.to_owned().into(), |method| span_name(method, Some(route)));
            span.set_name(&name).set_tag(keys::HTTP_ROUTE, route);
        }
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext")
            .field("span", &self.0.span)
            .field("correlation_id", &self.0.correlation_id)
            .field("caller", &self.0.caller)
            .finish()
    }
}
