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
    Clock, FinishedSpan, Ids, Join, Limits, Resource, Sampler, SamplingRequest, Stats, local,
    record::Record,
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
            Some(parent) if parent.ids().is_some() => self.start_child(operation, parent),
            parent => self.start_root(operation, parent),
        }
    }

    /// `parent` has no ids, or not both.
    fn start_root(self: &Arc<Self>, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        if self.is_closed() {
            return StartedSpan::new(parent.cloned().unwrap_or_default(), None);
        }
        if let Some(identity) = operation.identity {
            return self.start_as(identity, operation, parent);
        }
        let (new, span_id) = self.ids.trace_and_span();
        let given = parent.and_then(Context::trace_id);
        let trace_id = given.unwrap_or(new);
        let sampling = self.sampler.decide(&SamplingRequest { parent, trace_id, operation });
        let random = match (given, parent) {
            (Some(_), Some(parent)) => parent.is_random(),
            _ => self.ids.are_random(),
        };
        let context = match parent {
            Some(parent) => parent.root(trace_id, span_id, sampling).with_random(random),
            None => Context::new(trace_id, span_id, sampling).with_random(random),
        };
        if sampling == Sampling::Drop {
            return StartedSpan::new(context, None);
        }
        self.open(operation, context, |_| {})
    }

    /// `parent` has both ids.
    pub(crate) fn start_child(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        let Some(trace_id) = parent.trace_id() else { return self.start_root(operation, Some(parent)) };
        if self.is_closed() {
            return StartedSpan::new(parent.clone(), None);
        }
        if let Some(identity) = operation.identity {
            return self.start_as(identity, operation, Some(parent));
        }
        let request = SamplingRequest { parent: Some(parent), trace_id, operation };
        let sampling = self.sampler.decide(&request);
        if sampling == Sampling::Drop {
            return StartedSpan::new(parent.decided(sampling), None);
        }
        if self.join == Join::Share {
            return self.start_sharing(operation, parent, sampling);
        }
        let context = parent.child(self.ids.span(), sampling);
        self.open(operation, context, |record| {
            record.parent = parent.span_id();
            record.parent_is_remote = parent.is_remote();
        })
    }

    /// A span that was started elsewhere already.
    #[cold]
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
        self.open(operation, identity.clone(), |record| {
            record.parent = parent.and_then(Context::span_id);
            record.parent_is_remote = parent.is_some_and(Context::is_remote);
        })
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
        self.open(operation, context, |record| {
            record.parent = above;
            record.parent_is_remote = parent.is_remote();
            record.is_shared = is_shared;
        })
    }

    #[inline]
    fn open(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        context: Context,
        beneath: impl FnOnce(&mut Record),
    ) -> StartedSpan {
        let live = local::take(self, |record| {
            beneath(record);
            record.begin(operation, &context, &self.limits, &self.clock);
        });
        if let Some(watch) = &self.watch {
            watch.opened(&live);
        }
        StartedSpan::new(context, Some(live))
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
