//! What all handles, live spans and threads of a tracer share.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anytrace_api::{Context, Kind, Operation, Sampling, StartedSpan, TraceId, propagation::Composite};

use crate::{
    FinishedSpan, Limits, Resource, Sampler, SamplingRequest, SpanSharing, Stats, local,
    means::Means,
    record::Above,
    reporter::{self, Reporter},
    sampler::Threshold,
    shard::{Room, Shard},
    shards::Shards,
    watch::Watch,
};

pub(crate) struct Inner {
    /// Unique in the process.
    pub(crate) id: u64,
    pub(crate) limits: Limits,
    pub(crate) means: Means,
    pub(crate) propagator: Composite,
    pub(crate) resource: Resource,
    pub(crate) shards: Shards,
    /// A queue of this length asks to be fetched.
    pub(crate) wake_at: usize,
    pub(crate) reporter: Reporter,
    sampler: Sampler,
    threshold: Threshold,
    watch: Option<Watch>,
    /// Its means are the usual ones, the threshold is its sampler, nobody watches, and it has not been shut down.
    usual: AtomicBool,
    closed: AtomicBool,
    late: AtomicU64,
}

/// What the application chose.
pub(crate) struct Settings {
    pub(crate) sampler: Sampler,
    pub(crate) means: Means,
    pub(crate) watch: Option<Watch>,
    pub(crate) limits: Limits,
    pub(crate) propagator: Composite,
    pub(crate) resource: Resource,
    pub(crate) room: Room,
    pub(crate) wake_at: usize,
}

impl Inner {
    pub(crate) fn new(settings: Settings, reporter: Reporter) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let threshold = settings.sampler.threshold();
        let usual = settings.means.are_usual() && threshold.is_some();
        Arc::new(Inner {
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            limits: settings.limits,
            usual: AtomicBool::new(usual),
            threshold: threshold.unwrap_or_default(),
            sampler: settings.sampler,
            watch: settings.watch,
            means: settings.means,
            propagator: settings.propagator,
            resource: settings.resource,
            shards: Shards::new(settings.room),
            wake_at: settings.wake_at,
            reporter,
            closed: AtomicBool::new(false),
            late: AtomicU64::new(0),
        })
    }

    #[inline]
    pub(crate) fn start(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        parent: Option<&Context>,
    ) -> StartedSpan {
        match parent {
            None if self.is_usual() && operation.preset_context.is_none() => {
                self.start_trace(operation, &Means::USUAL, |trace_id| self.threshold.decide(None, trace_id))
            }
            parent => self.start_unusual(operation, parent),
        }
    }

    #[inline]
    pub(crate) fn start_child(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        if self.is_usual() && operation.preset_context.is_none() {
            let decide = |trace_id| self.threshold.decide(Some(parent), trace_id);
            self.start_beneath(operation, parent, &Means::USUAL, decide)
        } else {
            self.start_unusual(operation, Some(parent))
        }
    }

    /// Whether the usual means are what it takes: these are known when this is compiled, and take no time.
    #[inline]
    pub(crate) fn is_usual(&self) -> bool {
        self.usual.load(Ordering::Relaxed)
    }

    #[inline(never)]
    fn start_unusual(self: &Arc<Self>, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        if self.is_closed() {
            return StartedSpan::new(parent.cloned().unwrap_or_default(), None);
        }
        if let Some(identity) = operation.preset_context {
            return self.start_as(identity, operation, parent);
        }
        let decide = |trace_id| self.decide(parent, trace_id, operation);
        match parent {
            None => self.start_trace(operation, &self.means, decide),
            Some(parent) => self.start_beneath(operation, parent, &self.means, decide),
        }
    }

    fn decide(&self, parent: Option<&Context>, trace_id: TraceId, operation: &Operation<'_>) -> Sampling {
        self.sampler.decide(&SamplingRequest { parent, trace_id, operation })
    }

    /// Nothing is known of it yet.
    #[allow(clippy::inline_always, reason = "the usual means are compiled into it")]
    #[inline(always)]
    fn start_trace(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        means: &Means,
        decide: impl FnOnce(TraceId) -> Sampling,
    ) -> StartedSpan {
        let (trace_id, span_id) = means.ids.trace_and_span();
        let random = means.ids.are_random();
        let context = |sampling| Context::new(trace_id, span_id, sampling).with_random(random);
        match decide(trace_id) {
            Sampling::Drop => StartedSpan::new(context(Sampling::Drop), None),
            sampling => {
                self.open(operation, means, Above::default(), || context(sampling), || context(sampling))
            }
        }
    }

    #[allow(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn start_beneath(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        parent: &Context,
        means: &Means,
        decide: impl FnOnce(TraceId) -> Sampling,
    ) -> StartedSpan {
        let Some((trace_id, parent_id)) = parent.ids() else { return self.start_root(operation, parent) };
        let sampling = decide(trace_id);
        if sampling == Sampling::Drop {
            return StartedSpan::new(parent.decided(sampling), None);
        }
        if means.span_sharing == SpanSharing::SharedSpan {
            return self.start_sharing(operation, parent, sampling);
        }
        let span_id = means.ids.span();
        let above = Above { parent: Some(parent_id), is_remote: parent.is_remote(), is_shared: false };
        let identity = || parent.identity().child(span_id, sampling);
        self.open(operation, means, above, identity, || parent.child(span_id, sampling))
    }

    /// `parent` has no ids, or not both.
    #[inline(never)]
    fn start_root(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        let (new, span_id) = self.means.ids.trace_and_span();
        let (trace_id, random) = match parent.trace_id() {
            Some(given) => (given, parent.is_random()),
            None => (new, self.means.ids.are_random()),
        };
        let sampling = self.decide(Some(parent), trace_id, operation);
        let context = parent.root(trace_id, span_id, sampling).with_random(random);
        if sampling == Sampling::Drop {
            return StartedSpan::new(context, None);
        }
        self.open_as(operation, context, Above::default())
    }

    /// A span that was started elsewhere already.
    fn start_as(
        self: &Arc<Self>,
        identity: &Context,
        operation: &Operation<'_>,
        parent: Option<&Context>,
    ) -> StartedSpan {
        if identity.ids().is_none() {
            let mut operation = *operation;
            operation.preset_context = None;
            return self.start(&operation, parent);
        }
        if identity.sampling() == Sampling::Drop {
            return StartedSpan::new(identity.clone(), None);
        }
        let above = Above {
            parent: parent.and_then(Context::span_id),
            is_remote: parent.is_some_and(Context::is_remote),
            is_shared: false,
        };
        self.open_as(operation, identity.clone(), above)
    }

    /// The other half of the caller's span, or else a child that tells whose child it is: its callee may be one of
    /// those who want to know.
    fn start_sharing(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        parent: &Context,
        sampling: Sampling,
    ) -> StartedSpan {
        let is_shared = operation.kind == Kind::Server && parent.is_shareable();
        let (context, above) = if is_shared {
            (parent.decided(sampling), parent.parent_span_id())
        } else {
            let child = parent.child(self.means.ids.span(), sampling);
            (child.with_parent_span_id(parent.span_id()), parent.span_id())
        };
        self.open_as(operation, context, Above { parent: above, is_remote: parent.is_remote(), is_shared })
    }

    #[inline(never)]
    fn open_as(self: &Arc<Self>, operation: &Operation<'_>, context: Context, above: Above) -> StartedSpan {
        let identity = context.identity();
        self.open(operation, &self.means, above, || identity, || context)
    }

    /// Given both contexts as what makes them, so that each is written where it stays and nowhere else. The record does
    /// not have what travels beside the identity: it outlives its request.
    #[allow(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn open(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        means: &Means,
        above: Above,
        identity: impl FnOnce() -> Context,
        context: impl FnOnce() -> Context,
    ) -> StartedSpan {
        let live = local::take(self, |record, places| {
            record.context = identity();
            record.above = above;
            record.begin(operation, places, &self.limits, &means.clock);
        });
        if means.watched {
            self.watch.iter().for_each(|watch| watch.opened(&live));
        }
        StartedSpan::new(context(), Some(live))
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub(crate) fn close(&self) {
        self.usual.store(false, Ordering::Relaxed);
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn count_late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks for the queues to be fetched.
    #[cold]
    pub(crate) fn wake(&self) {
        self.reporter.wake();
    }

    /// For a thread that uses this tracer for the first time. With the first of them, the reporter starts.
    pub(crate) fn new_shard(self: &Arc<Self>) -> Arc<Shard> {
        reporter::start(self);
        self.shards.add()
    }

    /// Copies of the open spans, where they are watched.
    pub(crate) fn open_spans(&self) -> Vec<FinishedSpan> {
        self.watch.as_ref().map(Watch::open).unwrap_or_default()
    }

    /// Where every span went.
    pub(crate) fn stats(&self) -> Stats {
        Stats { late: self.late.load(Ordering::Relaxed), ..self.shards.stats() }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTracer")
            .field("resource", &self.resource)
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
