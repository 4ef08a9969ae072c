//! Starting spans: ids, the sampling decision and the context of the new span.

use std::sync::Arc;

use anytrace_api::{Context, Kind, Operation, Sampling, StartedSpan, TraceId};

use super::{
    config::SpanFactoryConfig, factory::SpanFactory, sampler::SamplingRequest, span_sharing::SpanSharing,
    thread_cache,
};
use crate::record::ParentLink;

impl SpanFactory {
    #[inline]
    pub(crate) fn start(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        parent: Option<&Context>,
    ) -> StartedSpan {
        match parent {
            None if self.is_default() && operation.preset_context.is_none() => {
                let decide = |trace_id| self.threshold.decide(None, trace_id);
                self.start_trace(operation, &SpanFactoryConfig::DEFAULT, decide)
            }
            parent => self.start_slow(operation, parent),
        }
    }

    #[inline]
    pub(super) fn start_child(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        if self.is_default() && operation.preset_context.is_none() {
            let decide = |trace_id| self.threshold.decide(Some(parent), trace_id);
            self.start_child_with(operation, parent, &SpanFactoryConfig::DEFAULT, decide)
        } else {
            self.start_slow(operation, Some(parent))
        }
    }

    #[inline(never)]
    fn start_slow(self: &Arc<Self>, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        if self.pipeline.is_closed() {
            return StartedSpan::new(parent.cloned().unwrap_or_default(), None);
        }
        if let Some(context) = operation.preset_context {
            return self.start_preset(context, operation, parent);
        }
        let decide = |trace_id| self.decide(parent, trace_id, operation);
        match parent {
            None => self.start_trace(operation, &self.config, decide),
            Some(parent) => self.start_child_with(operation, parent, &self.config, decide),
        }
    }

    fn decide(&self, parent: Option<&Context>, trace_id: TraceId, operation: &Operation<'_>) -> Sampling {
        self.sampler.decide(&SamplingRequest { parent, trace_id, operation })
    }

    /// Starts a root without a parent context.
    #[allow(clippy::inline_always, reason = "specialises the code for the default configuration")]
    #[inline(always)]
    fn start_trace(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        config: &SpanFactoryConfig,
        decide: impl FnOnce(TraceId) -> Sampling,
    ) -> StartedSpan {
        let (trace_id, span_id) = config.ids.trace_and_span();
        let random = config.ids.are_random();
        let context = |sampling| Context::new(trace_id, span_id, sampling).with_random(random);
        match decide(trace_id) {
            Sampling::Drop => StartedSpan::new(context(Sampling::Drop), None),
            sampling => {
                let root = ParentLink::default();
                self.open(operation, config, root, || context(sampling), || context(sampling))
            }
        }
    }

    #[allow(clippy::inline_always, reason = "specialises the code for the default configuration")]
    #[inline(always)]
    fn start_child_with(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        parent: &Context,
        config: &SpanFactoryConfig,
        decide: impl FnOnce(TraceId) -> Sampling,
    ) -> StartedSpan {
        let Some((trace_id, parent_id)) = parent.ids() else { return self.start_root(operation, parent) };
        let sampling = decide(trace_id);
        if sampling == Sampling::Drop {
            return StartedSpan::new(parent.decided(sampling), None);
        }
        if config.span_sharing == SpanSharing::SharedSpan {
            return self.start_sharing(operation, parent, sampling);
        }
        let span_id = config.ids.span();
        let link = ParentLink { parent: Some(parent_id), is_remote: parent.is_remote(), is_shared: false };
        let identity = || parent.identity().child(span_id, sampling);
        self.open(operation, config, link, identity, || parent.child(span_id, sampling))
    }

    /// Starts a root whose parent context lacks the trace id, the span id or both.
    #[inline(never)]
    fn start_root(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        let (new_trace_id, span_id) = self.config.ids.trace_and_span();
        let (trace_id, random) = match parent.trace_id() {
            Some(trace_id) => (trace_id, parent.is_random()),
            None => (new_trace_id, self.config.ids.are_random()),
        };
        let sampling = self.decide(Some(parent), trace_id, operation);
        let context = parent.root(trace_id, span_id, sampling).with_random(random);
        if sampling == Sampling::Drop {
            return StartedSpan::new(context, None);
        }
        self.open_context(operation, context, ParentLink::default())
    }

    /// Starts a span whose context is given, because another system has started it already.
    fn start_preset(
        self: &Arc<Self>,
        context: &Context,
        operation: &Operation<'_>,
        parent: Option<&Context>,
    ) -> StartedSpan {
        if context.ids().is_none() {
            let mut operation = *operation;
            operation.preset_context = None;
            return self.start(&operation, parent);
        }
        if context.sampling() == Sampling::Drop {
            return StartedSpan::new(context.clone(), None);
        }
        let link = ParentLink {
            parent: parent.and_then(Context::span_id),
            is_remote: parent.is_some_and(Context::is_remote),
            is_shared: false,
        };
        self.open_context(operation, context.clone(), link)
    }

    /// Starts the server's half of the caller's span. If that is not possible, starts a child whose context names its
    /// parent, so that a server called by this span can share it.
    fn start_sharing(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        parent: &Context,
        sampling: Sampling,
    ) -> StartedSpan {
        let is_shared = operation.kind == Kind::Server && parent.is_shareable();
        let (context, parent_id) = if is_shared {
            (parent.decided(sampling), parent.parent_span_id())
        } else {
            let child = parent.child(self.config.ids.span(), sampling);
            (child.with_parent_span_id(parent.span_id()), parent.span_id())
        };
        let link = ParentLink { parent: parent_id, is_remote: parent.is_remote(), is_shared };
        self.open_context(operation, context, link)
    }

    #[inline(never)]
    fn open_context(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        context: Context,
        parent_link: ParentLink,
    ) -> StartedSpan {
        let identity = context.identity();
        self.open(operation, &self.config, parent_link, || identity, || context)
    }

    /// Opens a recorded span. The record gets `identity`, without the baggage and extensions of `context`, because it
    /// outlives the request. Both are closures, so that each context is written directly to its final place.
    #[allow(clippy::inline_always, reason = "specialises the code for the default configuration")]
    #[inline(always)]
    fn open(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        config: &SpanFactoryConfig,
        parent_link: ParentLink,
        identity: impl FnOnce() -> Context,
        context: impl FnOnce() -> Context,
    ) -> StartedSpan {
        let live = thread_cache::start(self, |record, tag_index| {
            record.context = identity();
            record.parent_link = parent_link;
            record.begin(operation, tag_index, &self.limits, &config.clock);
        });
        if config.tracks_open_spans {
            self.open_spans.iter().for_each(|open_spans| open_spans.add(&live));
        }
        StartedSpan::new(context(), Some(live))
    }
}
