//! [`TracedRequest`]: the span of one request, from the start of the request to the end of the response body.

use std::{
    any::Any,
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

use anytrace_api::{EndReason, PolledSpan, StartedSpan, Status, TracerHandle, Value, with_tracer};
use http::{HeaderMap, Response};

use crate::{
    ClientPolicy, SemanticConventions, ServerPolicy,
    http::{
        Side, after_error, after_http_error, after_http_response, after_response, record_grpc_status,
        set_failed,
    },
};

/// The span of one request, and the policy that it was started with.
///
/// Dropped before [`end`](Self::end), the span ends as cancelled.
#[derive(Debug)]
pub(super) struct TracedRequest {
    span: PolledSpan,
    policy: Policy,
    /// True for `HEAD` requests, whose response has no body even if the service returns one.
    pub(super) is_head: bool,
    /// True once the whole response body has been polled.
    pub(super) is_complete: bool,
    has_ended: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Policy {
    Server(ServerPolicy),
    Client(ClientPolicy),
}

impl Policy {
    fn side(&self) -> Side {
        match self {
            Policy::Server(_) => Side::Server,
            Policy::Client(_) => Side::Client,
        }
    }

    /// Returns the tracer that must be current in the handlers of a server.
    ///
    /// A span that is not recorded has no tracer, and its context is injected in the formats of the current tracer.
    fn handler_tracer(&self) -> Option<&TracerHandle> {
        match self {
            Policy::Server(policy) => policy.shared().tracer.as_ref(),
            Policy::Client(_) => None,
        }
    }

    fn conventions(&self) -> SemanticConventions {
        match self {
            Policy::Server(policy) => policy.shared().conventions,
            Policy::Client(policy) => policy.shared().conventions,
        }
    }
}

impl TracedRequest {
    pub(super) fn new(span: StartedSpan, policy: Policy, is_head: bool) -> Self {
        TracedRequest { span: span.into_polled(), policy, is_head, is_complete: false, has_ended: false }
    }

    /// Runs code of the service with the span current. A panic ends the span and continues.
    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let TracedRequest { span, policy, .. } = self;
        let run = || match policy.handler_tracer() {
            Some(tracer) => with_tracer(tracer, || span.run(work)),
            None => span.run(work),
        };
        // The panic continues, so this adds no observer of broken invariants.
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            self.end_with_panic(&*panic);
            resume_unwind(panic)
        })
    }

    pub(super) fn record_response<B>(&mut self, response: &mut Response<B>) {
        let TracedRequest { span, policy, .. } = self;
        match policy {
            Policy::Server(policy) => after_response(span.span(), response, policy),
            Policy::Client(policy) => after_http_response(span.span(), &*response, policy),
        }
    }

    pub(super) fn record_trailers(&self, trailers: &HeaderMap) {
        record_grpc_status(self.span.span(), trailers, self.policy.side(), self.policy.conventions());
    }

    pub(super) fn end_with_error<E: Display>(self, error: &E) {
        match &self.policy {
            Policy::Server(policy) => after_error(self.span.span(), error, policy),
            Policy::Client(policy) => after_http_error(self.span.span(), error, policy),
        }
        self.end();
    }

    pub(super) fn end(mut self) {
        self.end_as(EndReason::Finished);
    }

    fn end_as(&mut self, reason: EndReason) {
        self.has_ended = true;
        self.span.end_as(reason);
    }

    fn end_with_panic(&mut self, panic: &(dyn Any + Send)) {
        let message = panic.downcast_ref::<&str>().copied();
        let message = message.or_else(|| panic.downcast_ref().map(String::as_str));
        self.set_failed("panic", Status::error(message));
        self.end_as(EndReason::Panicked);
    }

    fn set_failed(&self, kind: &'static str, status: Status<'_>) {
        set_failed(self.span.span(), Value::literal(kind), self.policy.conventions(), status);
    }
}

impl Drop for TracedRequest {
    fn drop(&mut self) {
        if self.has_ended || thread::panicking() {
            return;
        }
        if self.is_complete {
            return self.end_as(EndReason::Finished);
        }
        // A client cancels on purpose. A cancelled server request failed: the client did not receive the response.
        if self.policy.side() == Side::Server {
            self.set_failed(
                "cancelled",
                Status::error("the client disconnected before the response was sent"),
            );
        }
        self.end_as(EndReason::Cancelled);
    }
}
