//! [`InboundFilter`]: limits the influence of inbound trace contexts.

use std::{net::SocketAddr, sync::Arc};

use anytrace_api::{Context, Sampling};

use super::{InboundContext, RateLimit, callback::Callback, shared_counter::SharedCounter};
use crate::RequestHead;

type PerRequest = dyn Fn(&RequestHead<'_>, Option<SocketAddr>) -> InboundContext + Send + Sync;

/// A filter that applies a server's [`InboundContext`] and its limit of forced traces, and counts refusals.
#[derive(Clone, Debug, Default)]
pub(super) struct InboundFilter {
    pub(super) treatment: InboundContext,
    per_request: Callback<PerRequest>,
    limit: Callback<RateLimit>,
    contexts: SharedCounter,
    debug: SharedCounter,
    forced: SharedCounter,
}

impl InboundFilter {
    pub(super) fn set_per_request(&mut self, per_request: Arc<PerRequest>) {
        self.per_request.set(per_request);
    }

    pub(super) fn set_limit(&mut self, limit: RateLimit) {
        self.limit.set(Arc::new(limit));
    }

    /// Returns the parent of the request's span, empty for a new trace, and the context that the span links to.
    pub(super) fn filter(
        &self,
        request: &RequestHead<'_>,
        peer: Option<SocketAddr>,
        extracted: Context,
        panics: &SharedCounter,
    ) -> (Context, Option<Context>) {
        if extracted.is_empty() {
            return (extracted, None);
        }
        // A panic must not make an untrusted caller trusted.
        let fallback = if self.per_request.is_set() { InboundContext::Ignore } else { self.treatment };
        let treatment =
            self.per_request.call(panics, |per_request| per_request(request, peer)).unwrap_or(fallback);
        match treatment {
            InboundContext::Continue => (self.limit_sampling(extracted, false, panics), None),
            InboundContext::ContinueDebug => (self.limit_sampling(extracted, true, panics), None),
            InboundContext::Link => {
                self.contexts.add(1);
                (Context::EMPTY, extracted.ids().is_some().then_some(extracted))
            }
            InboundContext::Ignore => {
                self.contexts.add(1);
                (Context::EMPTY, None)
            }
        }
    }

    /// Returns `context` without a debug request or a sampled flag that is not granted.
    fn limit_sampling(&self, mut context: Context, may_debug: bool, panics: &SharedCounter) -> Context {
        if context.sampling() == Sampling::Debug && !may_debug {
            self.debug.add(1);
            // A caller may set the sampled flag in any case, and some tracers mark all sampled spans as debug. Dropping
            // the decision would leave a gap in such traces.
            let has_ids = context.ids().is_some();
            context = context.with_sampling(if has_ids { Sampling::Record } else { Sampling::Defer });
        }
        if context.sampling().is_sampled() != Some(true) || self.may_force(panics) {
            return context;
        }
        self.forced.add(1);
        context.with_sampling(Sampling::Defer)
    }

    fn may_force(&self, panics: &SharedCounter) -> bool {
        self.limit.call(panics, RateLimit::try_take).unwrap_or(!self.limit.is_set())
    }

    pub(super) fn refused(&self) -> RefusalCounts {
        RefusalCounts { contexts: self.contexts.read(), debug: self.debug.read(), forced: self.forced.read() }
    }
}

/// Counts of refused contexts and sampling decisions, as [`ServerPolicy::refused`](crate::ServerPolicy::refused)
/// returns them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusalCounts {
    /// Contexts that were linked or ignored instead of continued.
    pub contexts: u64,
    /// Debug requests of callers that may not make them.
    pub debug: u64,
    /// Sampled flags and debug requests over the [limit](crate::ServerPolicy::forced_traces).
    pub forced: u64,
}
