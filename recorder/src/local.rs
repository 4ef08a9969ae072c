//! What a thread keeps of the tracers it uses: its shard of each, and live spans and records to use again.

use std::{cell::RefCell, sync::Arc};

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

/// This thread's part of a tracer.
#[inline]
fn front<'a>(locals: &'a mut Vec<Local>, inner: &Arc<Inner>, forgotten: &mut Option<Local>) -> &'a mut Local {
    if locals.first().is_none_or(|first| first.tracer != inner.id) {
        *forgotten = bring_to_front(locals, inner);
    }
    &mut locals[0]
}

/// Returns the part of another tracer that has to go. Its drop may end that tracer and run foreign code: not while
/// anything is borrowed.
#[cold]
fn bring_to_front(locals: &mut Vec<Local>, inner: &Arc<Inner>) -> Option<Local> {
    if let Some(place) = locals.iter().position(|local| local.tracer == inner.id) {
        locals[..=place].rotate_right(1);
        return None;
    }
    let new = Local { tracer: inner.id, shard: inner.new_shard(), free: Vec::new(), spare: Vec::new() };
    locals.insert(0, new);
    if locals.len() > TRACERS { locals.pop() } else { None }
}

/// A live span with an empty record, alone with it and counted as started.
#[inline]
pub(crate) fn take(inner: &Arc<Inner>) -> Arc<LiveSpan> {
    let mut forgotten = None;
    let taken = LOCALS.try_with(|locals| {
        let mut locals = locals.borrow_mut();
        let local = front(&mut locals, inner, &mut forgotten);
        local.shard.count_started();
        (local.free.pop(), local.spare.pop())
    });
    drop(forgotten);
    let (live, record) = taken.unwrap_or_else(|_| {
        inner.orphans.count_started_among_others();
        (None, None)
    });
    let record = record.unwrap_or_default();
    match live {
        Some(mut live) => {
            if let Some(own) = Arc::get_mut(&mut live) {
                own.put(record);
            }
            live
        }
        None => Arc::new(LiveSpan::new(inner.clone(), record)),
    }
}

/// Queues a finished record. The live span it comes from is kept for another one, where nobody else refers to it.
#[inline]
pub(crate) fn finish(live: Arc<LiveSpan>, record: Box<Record>, alone: bool) {
    let mut forgotten = None;
    let mut parts = Some((live, record));
    let kept = LOCALS.try_with(|locals| {
        let mut locals = locals.borrow_mut();
        let (live, record) = parts.take()?;
        let inner = live.inner();
        let local = front(&mut locals, inner, &mut forgotten);
        match local.shard.push(record, &inner.room, &mut local.spare) {
            Ok(waiting) if waiting < inner.wake_at => {}
            Ok(_) => inner.wake(),
            Err(lost) => {
                inner.wake();
                keep(&mut local.spare, lost);
            }
        }
        if alone && local.free.len() < FREE {
            local.free.push(live);
            return None;
        }
        Some(live)
    });
    drop((kept, forgotten));
    // The thread is ending.
    if let Some((live, record)) = parts {
        let inner = live.inner();
        let _ = inner.orphans.push(record, &inner.room, &mut Vec::new());
    }
}

/// Counts a record that is not to be delivered, and keeps what it was made of.
#[cold]
pub(crate) fn lose(live: Arc<LiveSpan>, record: Box<Record>, alone: bool, reason: Reason) {
    let mut forgotten = None;
    let mut parts = Some((live, record));
    let kept = LOCALS.try_with(|locals| {
        let mut locals = locals.borrow_mut();
        let (live, record) = parts.take()?;
        let local = front(&mut locals, live.inner(), &mut forgotten);
        local.shard.count_dropped(reason);
        keep(&mut local.spare, record);
        if alone && local.free.len() < FREE {
            local.free.push(live);
            return None;
        }
        Some(live)
    });
    drop((kept, forgotten));
    if let Some((live, _)) = parts {
        live.inner().orphans.count_dropped(reason);
    }
}

fn keep(spare: &mut Vec<Box<Record>>, mut record: Box<Record>) {
    if spare.len() < FREE {
        record.reset();
        spare.push(record);
    }
}
