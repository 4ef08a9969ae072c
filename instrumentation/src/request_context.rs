//! The request that is being answered, from anywhere in its code.

use std::{fmt, sync::Arc};

use anytrace_api::{
    Baggage, SpanRef, StartedSpan, TraceContext, current_span,
    errors::BaggageError,
    keys::{self, opentracing},
};

use crate::{CorrelationId, http::span_name};

/// The request that is being answered: its span, its correlation id, its caller.
///
/// The server layer makes it, and so does [`before_request`](crate::before_request). It is found in the extensions of
/// the request, and by [`current`](Self::current) wherever the current span is that of the request or one beneath it:
/// in every task, thread and pool that was given what is current. There is no second stack: it is a
/// [local value](anytrace_api::Context::with_extension) of the span's context. So it is there without a tracer, too.
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
pub struct RequestContext(Arc<Facts>);

struct Facts {
    // Without these facts in its context: they would hold themselves.
    span: SpanRef,
    correlation_id: Option<CorrelationId>,
    caller: Option<Box<str>>,
    method: Option<&'static str>,
}

impl RequestContext {
    /// The request that is being answered here, if any.
    pub fn current() -> Option<Self> {
        Self::of(&current_span())
    }

    /// The request that `context` belongs to, if any.
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
        context.context().extension::<Facts>().map(RequestContext)
    }

    /// Makes the request of `span` known to everything that starts from it: for servers that are not HTTP, and for
    /// consumers of messages.
    ///
    /// Without a correlation id the trace id is one. The baggage is shared from then on, and the span is tagged with
    /// `correlation_id` and `peer.service`.
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
        span.share_baggage();
        let caller = caller.map(Box::from);
        let facts = Arc::new(Facts { span: span.reference(), correlation_id, caller, method });
        span.set_extension(Arc::clone(&facts));
        RequestContext(facts)
    }

    /// The span of the whole request, whatever is current: for its tags and its name.
    pub fn span(&self) -> SpanRef {
        self.0.span.clone().with_extension(Arc::clone(&self.0))
    }

    /// From a header, else from the baggage, else the trace id; none where there is no trace either.
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.0.correlation_id.as_ref()
    }

    /// Which service sent the request, as it says itself.
    pub fn caller(&self) -> Option<&str> {
        self.0.caller.as_deref()
    }

    /// The baggage that the request shares.
    pub fn baggage(&self) -> &Baggage {
        self.0.span.baggage()
    }

    /// Sets a pair in the baggage that the request shares: whatever starts later in it sees it, and so do the services
    /// that it calls from then on.
    ///
    /// # Errors
    ///
    /// When the pair cannot be carried. See [`anytrace_api::set_baggage`].
    pub fn set_baggage(&self, key: &str, value: &str) -> Result<(), BaggageError> {
        self.0.span.in_scope(|| anytrace_api::set_baggage(key, value))
    }

    /// The route, for servers that know it late: it becomes a tag, and part of the span's name.
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
