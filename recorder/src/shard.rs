//! One thread's part of a tracer: what it has started and finished, until the collector fetches it.

use anytrace_api::flush::Dropped;

use crate::{
    account::Reason,
    budget::Budget,
    record::Record,
    sync::{AtomicU64, Mutex, Ordering},
};

/// As many emptied records wait for a thread to use them again, however few it finished lately.
const SPARE: usize = 64;

/// Everything but the count of started spans is behind a lock, which is contended only while the collector fetches.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// Written by one thread at a time, so that adding to it takes no atomic addition.
    started: AtomicU64,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// Finished records, and then empty ones, which are exchanged for them: there is room for as many.
    slots: Vec<Box<Record>>,
    /// How many of them are finished.
    full: usize,
    /// Emptied ones, for which no room was taken: not more than were fetched at once lately.
    spare: Vec<Box<Record>>,
    lately: usize,
    finished: u64,
    dropped: [u64; Reason::ALL.len()],
    /// The shares of the budgets that are left here.
    spans: usize,
    bytes: usize,
}

/// The record was not queued, and is counted as dropped.
#[derive(Debug)]
pub(crate) struct Lost;

/// The budgets of a tracer.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) spans: Budget,
    pub(crate) bytes: Budget,
}

/// What a shard has counted, all at the same moment.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) finished: u64,
    pub(crate) queued: u64,
    dropped: [u64; Reason::ALL.len()],
}

impl Counts {
    pub(crate) fn add_dropped_to(&self, sum: &mut Dropped) {
        for reason in Reason::ALL {
            sum.add(reason.as_str(), self.dropped[reason as usize]);
        }
    }
}

impl Shard {
    #[inline]
    pub(crate) fn count_started(&self) {
        self.started.store(self.started.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// The same, for a shard that many threads use.
    pub(crate) fn count_started_among_others(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Puts a finished record into the queue, in exchange for an empty one. Returns how many wait.
    #[inline]
    pub(crate) fn push(&self, record: &mut Box<Record>, room: &Room) -> Result<usize, Lost> {
        let weight = record.weight();
        let mut queue = self.queue.lock();
        let queue = &mut *queue;
        queue.finished += 1;
        match queue.slots.get_mut(queue.full) {
            Some(slot) if queue.bytes >= weight => std::mem::swap(slot, record),
            _ => queue.push_with_more_room(record, weight, room)?,
        }
        queue.bytes -= weight;
        queue.full += 1;
        Ok(queue.full)
    }

    /// Counts a span that is not to be delivered.
    pub(crate) fn count_dropped(&self, reason: Reason) {
        let mut queue = self.queue.lock();
        queue.finished += 1;
        queue.dropped[reason as usize] += 1;
    }

    /// All that waits.
    pub(crate) fn fetch(&self) -> Vec<Box<Record>> {
        let mut queue = self.queue.lock();
        let full = std::mem::take(&mut queue.full);
        let rest = queue.slots.split_off(full);
        let fetched = std::mem::replace(&mut queue.slots, rest);
        // What a burst took is given back when there was none for a while.
        queue.lately = full.max(queue.lately - queue.lately / 4);
        let most = queue.most_spare().min(queue.spare.len());
        let surplus = queue.spare.split_off(most);
        drop(queue);
        drop(surplus);
        fetched
    }

    /// Takes emptied records back.
    pub(crate) fn give_back(&self, emptied: impl Iterator<Item = Box<Record>>) {
        let mut queue = self.queue.lock();
        let room = queue.most_spare().saturating_sub(queue.spare.len());
        queue.spare.extend(emptied.take(room));
    }

    /// Returns what is left of its shares: of a thread that is gone.
    pub(crate) fn close(&self, room: &Room) {
        let mut queue = self.queue.lock();
        let empty = queue.slots.len() - queue.full;
        let full = queue.full;
        queue.slots.truncate(full);
        room.spans.give_back(std::mem::take(&mut queue.spans) + empty);
        room.bytes.give_back(std::mem::take(&mut queue.bytes));
    }

    pub(crate) fn counts(&self) -> Counts {
        let queue = self.queue.lock();
        Counts { finished: queue.finished, queued: queue.full as u64, dropped: queue.dropped }
    }
}

impl Queue {
    fn most_spare(&self) -> usize {
        self.lately.max(SPARE)
    }

    #[cold]
    fn push_with_more_room(
        &mut self,
        record: &mut Box<Record>,
        weight: usize,
        room: &Room,
    ) -> Result<(), Lost> {
        let is_there = self.make_room(weight, room);
        match self.slots.get_mut(self.full) {
            Some(slot) if is_there => {
                std::mem::swap(slot, record);
                Ok(())
            }
            _ => {
                self.dropped[Reason::QueueFull as usize] += 1;
                Err(Lost)
            }
        }
    }

    fn make_room(&mut self, weight: usize, room: &Room) -> bool {
        if self.bytes < weight {
            match room.bytes.take(weight - self.bytes) {
                Some(share) => self.bytes += share,
                None => return false,
            }
        }
        if self.full < self.slots.len() {
            return true;
        }
        if self.spans == 0 {
            match room.spans.take(1) {
                Some(share) => self.spans = share,
                None => return false,
            }
        }
        // As many as have come back; else one more, so that there are no more of them than are needed.
        let kept = self.spare.len() - self.spare.len().min(self.spans);
        self.slots.extend(self.spare.drain(kept..));
        if self.full == self.slots.len() {
            self.slots.push(Box::default());
        }
        self.spans -= self.slots.len() - self.full;
        true
    }
}
