//! [`RequestTracing`]: whether a request is traced, suppressed or neither.

use std::mem;

use anytrace_api::{PolledSpan, Snapshot, StartedSpan, suppressed};

use super::traced_request::{Policy, TracedRequest};

/// The tracing of one request, inside which the service and its body are polled.
#[derive(Debug, Default)]
pub(super) enum RequestTracing {
    /// The request has a span, which is current during each poll.
    Traced(TracedRequest),
    /// The request is skipped, and tracing is suppressed during each poll.
    Suppressed(PolledSpan),
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

    pub(super) fn suppressed() -> Self {
        RequestTracing::Suppressed(PolledSpan::from(suppressed(Snapshot::here)))
    }

    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        match self {
            RequestTracing::Traced(request) => request.run(work),
            RequestTracing::Suppressed(suppressed) => suppressed.run(work),
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
