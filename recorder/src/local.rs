//! What a thread keeps of the tracers it uses: its shard of each, and live spans and records to use again.

use std::{
    cell::{RefCell, RefMut},
    sync::Arc,
};

use anytrace_api::{EndReason, backend::End};

use crate::{
    account::Reason,
    inner::Inner,
    live::{LiveSpan, Open},
    means::Means,
    record::{Places, Record},
    shard::{Lost, Shard},
};

/// How many tracers a thread remembers beside the last one.
const OTHERS: usize = 7;
/// How many live spans and records of each it keeps.
const FREE: usize = 64;

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals { last: Local::NONE, others: Vec::new() }) };
}

struct Locals {
    /// That of the tracer that was used last.
    last: Local,
    others: Vec<Local>,
}

struct Local {
    /// Zero for none.
    tracer: u64,
    shard: Option<Arc<Shard>>,
    /// Live spans with an empty record, to which nobody refers.
    free: Vec<Arc<LiveSpan>>,
    /// Empty records of those that somebody still refers to.
    spare: Vec<Box<Record>>,
}

impl Local {
    const NONE: Self = Local { tracer: 0, shard: None, free: Vec::new(), spare: Vec::new() };

    /// Keeps what a span was made of for other ones, as far as nobody else refers to it and there is room. What is left
    /// of the live span is given back, to be dropped with nothing borrowed.
    fn keep(&mut self, mut live: Arc<LiveSpan>, record: Box<Record>) -> Option<Arc<LiveSpan>> {
        if self.free.len() < self.free.capacity() {
            if let Some(own) = Arc::get_mut(&mut live) {
                own.put(record);
                self.free.push(live);
                return None;
            }
        }
        if self.spare.len() < FREE {
            self.spare.push(record);
        }
        Some(live)
    }
}

/// This thread's part of a tracer.
#[inline]
fn front<'a>(locals: &'a RefCell<Locals>, inner: &Arc<Inner>) -> RefMut<'a, Local> {
    let mut borrowed = locals.borrow_mut();
    if borrowed.last.tracer != inner.id {
        drop(borrowed);
        bring_to_front(locals, inner);
        borrowed = locals.borrow_mut();
    }
    RefMut::map(borrowed, |locals| &mut locals.last)
}

#[cold]
fn bring_to_front(locals: &RefCell<Locals>, inner: &Arc<Inner>) {
    let mut borrowed = locals.borrow_mut();
    let locals = &mut *borrowed;
    let place = locals.others.iter().position(|local| local.tracer == inner.id);
    let next = match place {
        Some(place) => locals.others.remove(place),
        None => Local {
            tracer: inner.id,
            shard: Some(inner.new_shard()),
            free: Vec::with_capacity(FREE),
            spare: Vec::new(),
        },
    };
    let last = std::mem::replace(&mut locals.last, next);
    if last.shard.is_some() {
        locals.others.insert(0, last);
    }
    let forgotten = if locals.others.len() > OTHERS { locals.others.pop() } else { None };
    drop(borrowed);
    // This may end another tracer and run foreign code: not while anything is borrowed.
    drop(forgotten);
}

/// A live span, counted as started, whose record `begin` has filled.
#[inline]
pub(crate) fn take(inner: &Arc<Inner>, begin: impl FnOnce(&mut Record, &mut Places)) -> Arc<LiveSpan> {
    let taken = LOCALS.try_with(|locals| {
        let mut local = front(locals, inner);
        local.shard.as_ref()?.count_started();
        Some(local.free.pop())
    });
    let mut live = match taken {
        Ok(Some(Some(live))) => live,
        Ok(Some(None)) => new_live(inner),
        _ => {
            inner.shards.orphans.count_started_among_others();
            new_live(inner)
        }
    };
    // It is new, or came back when nobody else referred to it.
    if let Some(Open { record, places }) = Arc::get_mut(&mut live).and_then(LiveSpan::open_mut) {
        begin(record, places);
    }
    live
}

#[cold]
fn new_live(inner: &Arc<Inner>) -> Arc<LiveSpan> {
    let spare = LOCALS.try_with(|locals| front(locals, inner).spare.pop());
    Arc::new(LiveSpan::new(inner.clone(), spare.ok().flatten().unwrap_or_default()))
}

/// Ends a span. Usually nobody else refers to it: then its record is queued in exchange for an empty one, without a
/// lock on it, and the live span is kept for another one.
#[inline]
pub(crate) fn finish(live: Arc<LiveSpan>, end: End) {
    let mut rest = Some(live);
    let surplus = LOCALS.try_with(|locals| {
        let mut live = rest.take()?;
        if let Some((Open { record, places }, inner)) =
            Arc::get_mut(&mut live).and_then(|own| own.ending(end))
        {
            let local = &mut *front(locals, inner);
            if let Some(shard) = &local.shard {
                record.finish(end, &Means::USUAL.clock);
                if record.has_tags() {
                    places.reset();
                }
                queue(shard, record, inner);
                if local.free.len() < local.free.capacity() {
                    local.free.push(live);
                    return None;
                }
                return Some(live);
            }
        }
        rest = Some(live);
        None
    });
    // With nothing borrowed: it may be the last of its tracer.
    drop(surplus);
    if let Some(live) = rest {
        finish_otherwise(live, end);
    }
}

#[inline]
fn queue(shard: &Shard, record: &mut Box<Record>, inner: &Inner) {
    match shard.push(record, &inner.shards.room) {
        // Once: it is asked for until it is fetched.
        Ok(waiting) if waiting == inner.wake_at => inner.wake(),
        Ok(_) => {}
        Err(Lost) => {
            record.reset();
            inner.wake();
        }
    }
}

/// Others refer to it, or it is not to be delivered, or the thread is ending.
#[inline(never)]
fn finish_otherwise(live: Arc<LiveSpan>, end: End) {
    let Some(mut record) = live.hand_over() else { return };
    let inner = &live.inner().clone();
    let lost = match end.reason {
        EndReason::Discarded => Some(Reason::Discarded),
        _ if inner.is_closed() => Some(Reason::AfterShutdown),
        _ => None,
    };
    record.finish(end, &inner.means.clock);
    let tell = |shard: &Shard, record: &mut Box<Record>| match lost {
        None => queue(shard, record, inner),
        Some(reason) => {
            shard.count_dropped(reason);
            record.reset();
        }
    };
    let mut rest = Some((live, record));
    let told = LOCALS.try_with(|locals| {
        let local = &mut *front(locals, inner);
        let (shard, (live, mut record)) = (local.shard.as_ref()?, rest.take()?);
        tell(shard, &mut record);
        local.keep(live, record)
    });
    if let Some((_, mut record)) = rest {
        tell(&inner.shards.orphans, &mut record);
    }
    // With nothing borrowed: it may be the last of its tracer.
    drop(told);
}
