//! What all handles, live spans and threads of a tracer share.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anytrace_api::{Composite, Context, Operation, Sampling, StartedSpan};
use parking_lot::Mutex;

use crate::{
    Clock, Ids, Limits, Resource, Sampler, SamplingRequest, Stats,
    account::{Account, Reason},
    live::LiveSpan,
    local,
    record::Record,
    reporter::{self, Reporter},
    shard::{Room, Shard},
};

pub(crate) struct Inner {
    /// Unique in the process.
    pub(crate) id: u64,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) propagator: Composite,
    pub(crate) resource: Resource,
    pub(crate) room: Room,
    /// A queue of this length asks to be fetched.
    pub(crate) wake_at: usize,
    /// For threads that are ending.
    pub(crate) orphans: Arc<Shard>,
    pub(crate) reporter: Reporter,
    sampler: Sampler,
    ids: Ids,
    closed: AtomicBool,
    late: AtomicU64,
    // Locked in this order: account, shards, a shard's queue.
    account: Mutex<Account>,
    shards: Mutex<Vec<Arc<Shard>>>,
}

/// What the application chose.
pub(crate) struct Settings {
    pub(crate) sampler: Sampler,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) propagator: Composite,
    pub(crate) resource: Resource,
    pub(crate) room: Room,
    pub(crate) wake_at: usize,
}

impl Inner {
    pub(crate) fn new(settings: Settings, reporter: Reporter) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let orphans = Arc::new(Shard::default());
        Arc::new(Inner {
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            limits: settings.limits,
            clock: settings.clock,
            propagator: settings.propagator,
            resource: settings.resource,
            room: settings.room,
            wake_at: settings.wake_at,
            shards: Mutex::new(vec![orphans.clone()]),
            orphans,
            reporter,
            sampler: settings.sampler,
            ids: settings.ids,
            closed: AtomicBool::new(false),
            late: AtomicU64::new(0),
            account: Mutex::default(),
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
        self.open(operation, context, None)
    }

    /// `parent` has both ids.
    pub(crate) fn start_child(self: &Arc<Self>, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
        let Some(trace_id) = parent.trace_id() else { return self.start_root(operation, Some(parent)) };
        if self.is_closed() {
            return StartedSpan::new(parent.clone(), None);
        }
        let request = SamplingRequest { parent: Some(parent), trace_id, operation };
        let sampling = self.sampler.decide(&request);
        if sampling == Sampling::Drop {
            return StartedSpan::new(parent.decided(sampling), None);
        }
        let context = parent.child(self.ids.span(), sampling);
        self.open(operation, context, Some(parent))
    }

    #[inline]
    fn open(
        self: &Arc<Self>,
        operation: &Operation<'_>,
        context: Context,
        parent: Option<&Context>,
    ) -> StartedSpan {
        let mut live = local::take(self);
        if let Some(record) = Arc::get_mut(&mut live).and_then(LiveSpan::record_mut) {
            if let Some(parent) = parent {
                record.parent = parent.span_id();
                record.parent_is_remote = parent.is_remote();
            }
            record.begin(operation, &context, &self.limits, &self.clock);
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
        let shard = Arc::new(Shard::default());
        self.shards.lock().push(shard.clone());
        shard
    }

    /// Takes all that waits, by thread; it is in flight from now on. What threads that are gone left behind is taken
    /// over.
    pub(crate) fn fetch(&self) -> Vec<(Arc<Shard>, Vec<Box<Record>>)> {
        let mut account = self.account.lock();
        let mut shards = self.shards.lock();
        let mut fetched = Vec::new();
        shards.retain(|shard| {
            // Looked at before the queue is: what a thread puts there at its end is not missed.
            let gone = Arc::strong_count(shard) == 1;
            let records = shard.fetch();
            account.in_flight += records.len() as u64;
            if !records.is_empty() {
                fetched.push((shard.clone(), records));
            }
            if gone {
                shard.close(&self.room);
                account.take_over(shard);
            }
            !gone
        });
        fetched
    }

    /// Does `work` with the account: nothing is fetched meanwhile.
    pub(crate) fn account<R>(&self, work: impl FnOnce(&mut Account) -> R) -> R {
        work(&mut self.account.lock())
    }

    /// Where every span went.
    pub(crate) fn stats(&self) -> Stats {
        self.account(|account| {
            let shards = self.shards.lock();
            let mut stats = Stats {
                delivered: account.delivered,
                dropped: account.dropped.clone(),
                queued: account.in_flight,
                late: self.late.load(Ordering::Relaxed),
                ..Stats::default()
            };
            let mut finished = account.finished_by_the_gone;
            for shard in shards.iter() {
                let counts = shard.counts();
                finished += counts.finished;
                stats.queued += counts.queued;
                for reason in Reason::ALL {
                    stats.dropped.add(reason.as_str(), counts.dropped[reason as usize]);
                }
            }
            // After all ends: a span that ends now has started.
            stats.started =
                account.started_by_the_gone + shards.iter().map(|shard| shard.started()).sum::<u64>();
            stats.open = stats.started - finished;
            debug_assert_eq!(
                finished,
                stats.delivered + stats.dropped.total() + stats.queued,
                "every span is somewhere"
            );
            stats
        })
    }
}

impl Account {
    fn take_over(&mut self, shard: &Shard) {
        let counts = shard.counts();
        self.started_by_the_gone += shard.started();
        self.finished_by_the_gone += counts.finished;
        for reason in Reason::ALL {
            self.dropped.add(reason.as_str(), counts.dropped[reason as usize]);
        }
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
