//! [`RequestTracing`]: whether a request is traced, skipped or neither.

use std::mem;

use anytrace_api::{PolledSpan, Snapshot, StartedSpan, suppression::suppressed, with_tracer};

use super::traced_request::{Policy, TracedRequest};
use crate::ServerPolicy;

/// The tracing of one request, inside which the service and its body are polled.
#[derive(Debug, Default)]
pub(super) enum RequestTracing {
    /// The request has a span, which is current during each poll.
    Traced(TracedRequest),
    /// The request is skipped. Suppression and the tracer of the policy apply during each poll.
    Skipped(PolledSpan),
    /// The request has no span, and polls leave the current span unchanged.
    #[default]
    Untraced,
}

impl RequestTracing {
    pub(super) fn of(span: StartedSpan, policy: impl FnOnce() -> Policy, is_head: bool) -> Self {
        if span.is_none() {
            return RequestTracing::Untraced;
        }
        RequestTracing::Traced(TracedRequest::new(span, policy(), is_head))
    }

    pub(super) fn skipped(policy: &ServerPolicy) -> Self {
        let tracer = policy.shared().tracer.as_ref();
        let is_suppressed = policy.suppresses_skipped();
        let snapshot = || if is_suppressed { suppressed(Snapshot::here) } else { Snapshot::here() };
        match tracer {
            // A backend suppresses its native context only while its tracer is the current one.
            Some(tracer) => RequestTracing::Skipped(with_tracer(tracer, snapshot).into()),
            None if is_suppressed => RequestTracing::Skipped(snapshot().into()),
            None => RequestTracing::Untraced,
        }
    }

    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        match self {
            RequestTracing::Traced(request) => request.run(work),
            RequestTracing::Skipped(skipped) => skipped.run(work),
            RequestTracing::Untraced => work(),
        }
    }

    /// Takes the traced request, which leaves the request untraced.
    pub(super) fn take_traced(&mut self) -> Option<TracedRequest> {
        match mem::take(self) {
            RequestTracing::Traced(request) => Some(request),
            other => {
                *self = other;
                None
            }
        }
    }
}
