//! What all handles, live spans and threads of a tracer share.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anytrace_api::{Composite, Context, Kind, Operation, Sampling, StartedSpan};

use crate::{
    Clock, FinishedSpan, Ids, Join, Limits, Resource, Sampler, Stats, local,
    record::Above,
    reporter::{self, Reporter},
    shard::{Room, Shard},
    shards::Shards,
    watch::Watch,
};

pub(crate) struct Inner {
    /// Unique in the process.
    pub(crate) id: u64,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) propagator: Composite,
    pub(crate) resource: Resource,
    pub(crate) shards: Shards,
    /// A queue of this length asks to be fetched.
    pub(crate) wake_at: usize,
    pub(crate) reporter: Reporter,
    sampler: Sampler,
    ids: Ids,
    join: Join,
    watch: Option<Watch>,
    closed: AtomicBool,
    late: AtomicU64,
}

/// What the application chose.
pub(crate) struct Settings {
    pub(crate) sampler: Sampler,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) join: Join,
    pub(crate) watch: Option<Watch>,
    pub(crate) propagator: Composite,
    pub(crate) resource: Resource,
    pub(crate) room: Room,
    pub(crate) wake_at: usize,
}

impl Inner {
    pub(crate) fn new(settings: Settings, reporter: Reporter) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Arc::new(Inner {
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            limits: settings.limits,
            clock: settings.clock,
            propagator: settings.propagator,
            resource: settings.resource,
            shards: Shards::new(settings.room),
            wake_at: settings.wake_at,
            reporter,
            sampler: settings.sampler,
            ids: settings.ids,
            join: settings.join,
            watch: settings.watch,
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
            None => self.start_trace(operation),
            Some(parent) if parent.ids().is_some() => self.start_child(operation, parent),
            Some(parent) => self.start_root(operation, parent),
        }
    }

    /// Nothing is known of it yet.
    #[inline]
    fn start_trace(self: &Arc<Self>, operation: &Operation<'_>) -> StartedSpan {
        if self.is_special(operation) {
            return self.start_special(operation, None);
        }
        let (trace_id, span_id) = self.ids.trace_and_span();
        let sampling = self.sampler.decide(None, trace_id, operation);
        let random = self.ids.are_random();
        let context = || Context::new(trace_id, span_id, sampling).with_random(random);
        if sampling == Sampling::Drop {
            return StartedSpan::new(context(), None);
        }
        self.open(operation, Above::default(), context, context)
    }

    /// `parent` has no ids, or not both.
    #[inline(never)]
    fn start_root(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        if self.is_special(operation) {
            return self.start_special(operation, Some(parent));
        }
        let (new, span_id) = self.ids.trace_and_span();
        let (trace_id, random) = match parent.trace_id() {
            Some(given) => (given, parent.is_random()),
            None => (new, self.ids.are_random()),
        };
        let sampling = self.sampler.decide(Some(parent), trace_id, operation);
        let context = parent.root(trace_id, span_id, sampling).with_random(random);
        if sampling == Sampling::Drop {
            return StartedSpan::new(context, None);
        }
        self.open_rarer(operation, context, Above::default())
    }

    /// `parent` has both ids.
    pub(crate) fn start_child(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        let Some((trace_id, parent_id)) = parent.ids() else { return self.start_root(operation, parent) };
        if self.is_special(operation) {
            return self.start_special(operation, Some(parent));
        }
        let sampling = self.sampler.decide(Some(parent), trace_id, operation);
        if sampling == Sampling::Drop {
            return StartedSpan::new(parent.decided(sampling), None);
        }
        if self.join == Join::Share {
            return self.start_sharing(operation, parent, sampling);
        }
        let span_id = self.ids.span();
        let above = Above { parent: Some(parent_id), is_remote: parent.is_remote(), is_shared: false };
        let identity = || parent.identity().child(span_id, sampling);
        self.open(operation, above, identity, || parent.child(span_id, sampling))
    }

    #[inline]
    fn is_special(&self, operation: &Operation<'_>) -> bool {
        self.is_closed() || operation.identity.is_some()
    }

    #[cold]
    fn start_special(self: &Arc<Self>, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        match operation.identity {
            _ if self.is_closed() => StartedSpan::new(parent.cloned().unwrap_or_default(), None),
            Some(identity) => self.start_as(identity, operation, parent),
            None => self.start(operation, parent),
        }
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
            operation.identity = None;
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
        self.open_rarer(operation, identity.clone(), above)
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
            let child = parent.child(self.ids.span(), sampling);
            (child.with_parent_span_id(parent.span_id()), parent.span_id())
        };
        self.open_rarer(operation, context, Above { parent: above, is_remote: parent.is_remote(), is_shared })
    }

    #[inline(never)]
    fn open_rarer(self: &Arc<Self>, operation: &Operation<'_>, context: Context, above: Above) -> StartedSpan {
        let identity = context.identity();
        self.open(operation, above, || identity, || context)
    }

    /// Inlined where it matters, and given both contexts as what makes them, so that each is written where it stays and
    /// nowhere else. The record does not have what travels beside the identity: it outlives its request.
    #[allow(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn open(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        above: Above,
        identity: impl FnOnce() -> Context,
        context: impl FnOnce() -> Context,
    ) -> StartedSpan {
        let live = local::take(self, |record| {
            record.context = identity();
            record.above = above;
            record.begin(operation, &self.limits, &self.clock);
        });
        if let Some(watch) = &self.watch {
            watch.opened(&live);
        }
        StartedSpan::new(context(), Some(live))
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub(crate) fn close(&self) {
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
