//! What a thread keeps of the tracers it uses: its shard of each, and live spans and records to use again.

use std::{
    cell::{RefCell, RefMut},
    sync::Arc,
};

use crate::{account::Reason, inner::Inner, live::LiveSpan, record::Record, shard::Shard};

/// How many tracers a thread remembers.
const TRACERS: usize = 8;
/// How many live spans and records of each it keeps.
const FREE: usize = 64;

thread_local! {
    /// The tracer that was used last comes first.
    static LOCALS: RefCell<Vec<Local>> = const { RefCell::new(Vec::new()) };
}

struct Local {
    tracer: u64,
    shard: Arc<Shard>,
    /// Live spans without a record, to which nobody refers.
    free: Vec<Arc<LiveSpan>>,
    /// Empty records.
    spare: Vec<Box<Record>>,
}

impl Local {
    /// Keeps a live span for another one, where nobody else refers to it and there is room; else it is given back, to be
    /// dropped with nothing borrowed.
    #[inline]
    fn keep_live(&mut self, live: Arc<LiveSpan>, alone: bool) -> Option<Arc<LiveSpan>> {
        if alone && self.free.len() < FREE {
            self.free.push(live);
            return None;
        }
        Some(live)
    }
}

/// This thread's part of a tracer.
#[inline]
fn front<'a>(locals: &'a RefCell<Vec<Local>>, inner: &Arc<Inner>) -> RefMut<'a, Local> {
    loop {
        let first = RefMut::filter_map(locals.borrow_mut(), |locals| locals.first_mut());
        match first {
            Ok(first) if first.tracer == inner.id => return first,
            other => drop(other),
        }
        bring_to_front(locals, inner);
    }
}

#[cold]
fn bring_to_front(locals: &RefCell<Vec<Local>>, inner: &Arc<Inner>) {
    let mut borrowed = locals.borrow_mut();
    if let Some(place) = borrowed.iter().position(|local| local.tracer == inner.id) {
        return borrowed[..=place].rotate_right(1);
    }
    let new = Local { tracer: inner.id, shard: inner.new_shard(), free: Vec::new(), spare: Vec::new() };
    borrowed.insert(0, new);
    let forgotten = if borrowed.len() > TRACERS { borrowed.pop() } else { None };
    drop(borrowed);
    // This may end another tracer and run foreign code: not while anything is borrowed.
    drop(forgotten);
}

/// A live span, counted as started, whose record `begin` has filled.
#[inline]
pub(crate) fn take(inner: &Arc<Inner>, begin: impl FnOnce(&mut Record)) -> Arc<LiveSpan> {
    let taken = LOCALS.try_with(|locals| {
        let mut local = front(locals, inner);
        local.shard.count_started();
        (local.free.pop(), local.spare.pop())
    });
    let (live, record) = taken.unwrap_or_else(|_| {
        inner.shards.orphans.count_started_among_others();
        (None, None)
    });
    let mut record = record.unwrap_or_default();
    begin(&mut record);
    if let Some(mut live) = live {
        if let Some(own) = Arc::get_mut(&mut live) {
            own.put(record);
            return live;
        }
    }
    Arc::new(LiveSpan::new(inner.clone(), record))
}

/// Queues a finished record. The live span it comes from is kept for another one, where nobody else refers to it.
#[inline]
pub(crate) fn finish(live: Arc<LiveSpan>, record: Box<Record>, alone: bool) {
    let mut parts = Some((live, record));
    let kept = LOCALS.try_with(|locals| {
        let (live, record) = parts.take()?;
        let inner = live.inner();
        let local = &mut *front(locals, inner);
        match local.shard.push(record, &inner.shards.room, &mut local.spare) {
            Ok(waiting) if waiting < inner.wake_at => {}
            Ok(_) => inner.wake(),
            Err(lost) => {
                inner.wake();
                keep(&mut local.spare, lost);
            }
        }
        local.keep_live(live, alone)
    });
    drop(kept);
    if let Some((live, record)) = parts {
        finish_at_the_end(&live, record);
    }
}

/// The thread is ending.
#[cold]
fn finish_at_the_end(live: &LiveSpan, record: Box<Record>) {
    let shards = &live.inner().shards;
    let _ = shards.orphans.push(record, &shards.room, &mut Vec::new());
}

/// Counts a record that is not to be delivered, and keeps what it was made of.
#[cold]
pub(crate) fn lose(live: Arc<LiveSpan>, record: Box<Record>, alone: bool, reason: Reason) {
    let mut parts = Some((live, record));
    let kept = LOCALS.try_with(|locals| {
        let (live, record) = parts.take()?;
        let mut local = front(locals, live.inner());
        local.shard.count_dropped(reason);
        keep(&mut local.spare, record);
        local.keep_live(live, alone)
    });
    drop(kept);
    if let Some((live, _)) = parts {
        live.inner().shards.orphans.count_dropped(reason);
    }
}

fn keep(spare: &mut Vec<Box<Record>>, mut record: Box<Record>) {
    if spare.len() < FREE {
        record.reset();
        spare.push(record);
    }
}
