//! The thread-local part of each tracer: its shard, and live spans and records for reuse.

use std::{
    cell::{RefCell, RefMut},
    sync::Arc,
};

use anytrace_api::{EndReason, backend::End};

use super::{
    config::SpanFactoryConfig,
    factory::SpanFactory,
    live_span::{LiveSpan, OpenRecord},
};
use crate::{
    pipeline::{Reason, Shard},
    record::{Record, TagIndex},
};

/// The number of tracers that a thread remembers beside the last one it used.
const MAX_OTHERS: usize = 7;
/// The number of live spans, and of records, that a thread keeps for each tracer.
const MAX_FREE: usize = 64;

thread_local! {
    static CACHES: RefCell<Caches> = const { RefCell::new(Caches { last: Cache::NONE, others: Vec::new() }) };
}

struct Caches {
    /// The cache of the tracer that this thread used last.
    last: Cache,
    others: Vec<Cache>,
}

/// This thread's part of one tracer.
struct Cache {
    /// The id of the tracer; 0 for none.
    tracer_id: u64,
    shard: Option<Arc<Shard>>,
    /// Live spans with an empty record and no other reference.
    free: Vec<Arc<LiveSpan>>,
    /// Empty records whose live spans still have references.
    spare: Vec<Box<Record>>,
}

impl Cache {
    const NONE: Self = Cache { tracer_id: 0, shard: None, free: Vec::new(), spare: Vec::new() };

    /// Keeps the parts of an ended span for reuse, within the limits. Returns the live span if it cannot be reused, so
    /// that the caller drops it while nothing is borrowed.
    fn recycle(&mut self, mut live: Arc<LiveSpan>, record: Box<Record>) -> Option<Arc<LiveSpan>> {
        if self.free.len() < self.free.capacity() {
            if let Some(unshared) = Arc::get_mut(&mut live) {
                unshared.recycle(record);
                self.free.push(live);
                return None;
            }
        }
        if self.spare.len() < MAX_FREE {
            self.spare.push(record);
        }
        Some(live)
    }
}

/// Returns this thread's part of a tracer, which becomes the last one used.
#[inline]
fn select<'a>(caches: &'a RefCell<Caches>, factory: &SpanFactory) -> RefMut<'a, Cache> {
    let mut borrowed = caches.borrow_mut();
    if borrowed.last.tracer_id != factory.id {
        drop(borrowed);
        switch_tracer(caches, factory);
        borrowed = caches.borrow_mut();
    }
    RefMut::map(borrowed, |caches| &mut caches.last)
}

#[cold]
fn switch_tracer(caches: &RefCell<Caches>, factory: &SpanFactory) {
    let mut borrowed = caches.borrow_mut();
    let caches = &mut *borrowed;
    let index = caches.others.iter().position(|cache| cache.tracer_id == factory.id);
    let next = match index {
        Some(index) => caches.others.remove(index),
        None => Cache {
            tracer_id: factory.id,
            shard: Some(factory.pipeline.add_shard()),
            free: Vec::with_capacity(MAX_FREE),
            spare: Vec::new(),
        },
    };
    let last = std::mem::replace(&mut caches.last, next);
    if last.shard.is_some() {
        caches.others.insert(0, last);
    }
    let evicted = if caches.others.len() > MAX_OTHERS { caches.others.pop() } else { None };
    drop(borrowed);
    // Dropping the last reference to a tracer runs foreign code, which must not happen while the caches are borrowed.
    drop(evicted);
}

/// Counts a span as started, and returns a live span whose record `begin` has filled.
#[inline]
pub(super) fn start(
    factory: &Arc<SpanFactory>,
    begin: impl FnOnce(&mut Record, &mut TagIndex),
) -> Arc<LiveSpan> {
    let reused = CACHES.try_with(|caches| {
        let mut cache = select(caches, factory);
        cache.shard.as_ref()?.count_started();
        Some(cache.free.pop())
    });
    let mut live = match reused {
        Ok(Some(Some(live))) => live,
        Ok(Some(None)) => new_live_span(factory),
        _ => {
            factory.pipeline.shared_shard().count_started_shared();
            new_live_span(factory)
        }
    };
    // Always `Some`: a new or recycled live span has one reference.
    if let Some(OpenRecord { record, tag_index }) = Arc::get_mut(&mut live).and_then(LiveSpan::open_mut) {
        begin(record, tag_index);
    }
    live
}

#[cold]
fn new_live_span(factory: &Arc<SpanFactory>) -> Arc<LiveSpan> {
    let spare = CACHES.try_with(|caches| select(caches, factory).spare.pop());
    Arc::new(LiveSpan::new(factory.clone(), spare.ok().flatten().unwrap_or_default()))
}

/// Ends a span. Without other references, its record is queued without locking it, in exchange for an empty one, and
/// the live span is kept for reuse.
#[inline]
pub(super) fn finish(live: Arc<LiveSpan>, end: End) {
    let mut unfinished = Some(live);
    let surplus = CACHES.try_with(|caches| {
        let mut live = unfinished.take()?;
        if let Some((OpenRecord { record, tag_index }, factory)) =
            Arc::get_mut(&mut live).and_then(|unshared| unshared.deliverable_mut(end))
        {
            let cache = &mut *select(caches, factory);
            if let Some(shard) = &cache.shard {
                record.finish(end, &SpanFactoryConfig::DEFAULT.clock);
                if record.has_tags() {
                    tag_index.reset();
                }
                factory.pipeline.push(shard, record);
                if cache.free.len() < cache.free.capacity() {
                    cache.free.push(live);
                    return None;
                }
                return Some(live);
            }
        }
        unfinished = Some(live);
        None
    });
    // Dropped while nothing is borrowed: it may hold the last reference to its tracer.
    drop(surplus);
    if let Some(live) = unfinished {
        finish_slow(live, end);
    }
}

/// Ends a span that has other references, is not to be delivered, has a tracer that is not in the default
/// configuration, or whose thread is ending.
#[inline(never)]
fn finish_slow(live: Arc<LiveSpan>, end: End) {
    let Some(mut record) = live.take_record() else { return };
    let factory = &live.factory.clone();
    let drop_reason = match end.reason {
        EndReason::Discarded => Some(Reason::Discarded),
        _ if factory.pipeline.is_closed() => Some(Reason::AfterShutdown),
        _ => None,
    };
    record.finish(end, &factory.config.clock);
    let push_or_drop = |shard: &Shard, record: &mut Box<Record>| match drop_reason {
        None => factory.pipeline.push(shard, record),
        Some(reason) => {
            shard.count_dropped(reason);
            record.reset();
        }
    };
    let mut unfinished = Some((live, record));
    let surplus = CACHES.try_with(|caches| {
        let cache = &mut *select(caches, factory);
        let (shard, (live, mut record)) = (cache.shard.as_ref()?, unfinished.take()?);
        push_or_drop(shard, &mut record);
        cache.recycle(live, record)
    });
    if let Some((_, mut record)) = unfinished {
        push_or_drop(factory.pipeline.shared_shard(), &mut record);
    }
    // Dropped while nothing is borrowed: it may hold the last reference to its tracer.
    drop(surplus);
}
