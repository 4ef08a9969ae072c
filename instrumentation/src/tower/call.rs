//! One request, from its start to the end of its body.

use std::{
    any::Any,
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

use anytrace_api::{EndReason, PolledSpan, SpanRef, StartedSpan, Status, TracerHandle, Value, with_tracer};
use http::{HeaderMap, Response};

use crate::{
    ClientPolicy, ServerPolicy, Vocabulary,
    http::{Side, after_error, after_http_error, after_http_response, after_response, grpc, set_failed},
};

/// One request that is traced. Dropped before [`end`](Self::end) it was cancelled.
#[derive(Debug)]
pub(super) struct Call {
    carried: PolledSpan,
    policy: Policy,
    /// The response has no body, whatever the service gives.
    pub(super) is_head: bool,
    /// All was sent that will be.
    pub(super) is_complete: bool,
    is_over: bool,
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

    /// The tracer that a server is given is in force in its handlers: a request that is not recorded does not know by
    /// whom, and speaks the formats of the tracer in force.
    fn own_tracer(&self) -> Option<&TracerHandle> {
        match self {
            Policy::Server(policy) => policy.common().tracer.as_ref(),
            Policy::Client(_) => None,
        }
    }

    fn vocabulary(&self) -> Vocabulary {
        match self {
            Policy::Server(policy) => policy.common().vocabulary,
            Policy::Client(policy) => policy.common().vocabulary,
        }
    }
}

impl Call {
    pub(super) fn new(span: StartedSpan, policy: Policy, is_head: bool) -> Self {
        Call { carried: span.into_polled(), policy, is_head, is_complete: false, is_over: false }
    }

    /// Runs code of the service with the span current. A panic ends the span, and goes on.
    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let Call { carried, policy, .. } = self;
        let run = || match policy.own_tracer() {
            Some(tracer) => with_tracer(tracer, || carried.run(work)),
            None => carried.run(work),
        };
        // Whoever catches the panic further up sees what they would see without this.
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            self.panicked(&*panic);
            resume_unwind(panic)
        })
    }

    pub(super) fn answered<B>(&mut self, response: &mut Response<B>) {
        let Call { carried, policy, .. } = self;
        match policy {
            Policy::Server(policy) => after_response(carried.span(), response, policy),
            Policy::Client(policy) => after_http_response(carried.span(), &*response, policy),
        }
    }

    pub(super) fn trailers(&self, trailers: &HeaderMap) {
        grpc(self.span(), trailers, self.policy.side(), self.policy.vocabulary());
    }

    /// It failed, and that was its end.
    pub(super) fn failed<E: Display>(self, error: &E) {
        match &self.policy {
            Policy::Server(policy) => after_error(self.span(), error, policy),
            Policy::Client(policy) => after_http_error(self.span(), error, policy),
        }
        self.end();
    }

    pub(super) fn end(mut self) {
        self.end_as(EndReason::Finished);
    }

    fn end_as(&mut self, reason: EndReason) {
        self.is_over = true;
        self.carried.end_as(reason);
    }

    fn panicked(&mut self, panic: &(dyn Any + Send)) {
        let message = panic.downcast_ref::<&str>().copied();
        let message = message.or_else(|| panic.downcast_ref().map(String::as_str));
        self.set_failed("panic", Status::error(message));
        self.end_as(EndReason::Panicked);
    }

    fn set_failed(&self, kind: &'static str, status: Status<'_>) {
        set_failed(self.span(), Value::literal(kind), self.policy.vocabulary(), status);
    }

    fn span(&self) -> &SpanRef {
        self.carried.span()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.is_over || thread::panicking() {
            return;
        }
        if self.is_complete {
            return self.end_as(EndReason::Finished);
        }
        // A client that changes its mind is right to; for the server, nobody got what it made.
        if self.policy.side() == Side::Server {
            self.set_failed("cancelled", Status::error("the client went away before the response was sent"));
        }
        self.end_as(EndReason::Cancelled);
    }
}
