//! One thread's part of a tracer: what it has started and finished, until the collector fetches it.

use anytrace_api::Dropped;

use crate::{
    account::Reason,
    budget::Budget,
    record::Record,
    sync::{AtomicU64, Mutex, Ordering},
};

/// How many emptied records wait for a thread to use them again.
const SPARE: usize = 512;

/// Everything but the count of started spans is behind a lock, which is contended only while the collector fetches.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// Written by one thread at a time, so that adding to it takes no atomic addition.
    started: AtomicU64,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    full: Vec<Box<Record>>,
    spare: Vec<Box<Record>>,
    finished: u64,
    dropped: [u64; Reason::ALL.len()],
    /// The shares of the budgets that are left here.
    spans: usize,
    bytes: usize,
}

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

    /// Puts a finished record into the queue, and fetches emptied ones where there are none. Returns how many wait.
    #[inline]
    pub(crate) fn push(
        &self,
        record: Box<Record>,
        room: &Room,
        spare: &mut Vec<Box<Record>>,
    ) -> Result<usize, Box<Record>> {
        let weight = record.weight();
        let mut queue = self.queue.lock();
        queue.finished += 1;
        if (queue.spans == 0 || queue.bytes < weight) && !queue.make_room(weight, room) {
            queue.dropped[Reason::QueueFull as usize] += 1;
            return Err(record);
        }
        queue.spans -= 1;
        queue.bytes -= weight;
        queue.full.push(record);
        if spare.is_empty() {
            std::mem::swap(spare, &mut queue.spare);
        }
        Ok(queue.full.len())
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
        let room = queue.full.len();
        if room == 0 { Vec::new() } else { std::mem::replace(&mut queue.full, Vec::with_capacity(room)) }
    }

    /// Takes emptied records back.
    pub(crate) fn give_back(&self, emptied: impl Iterator<Item = Box<Record>>) {
        let mut queue = self.queue.lock();
        let room = SPARE.saturating_sub(queue.spare.len());
        queue.spare.extend(emptied.take(room));
    }

    /// Returns what is left of its shares: of a thread that is gone.
    pub(crate) fn close(&self, room: &Room) {
        let mut queue = self.queue.lock();
        room.spans.give_back(std::mem::take(&mut queue.spans));
        room.bytes.give_back(std::mem::take(&mut queue.bytes));
    }

    pub(crate) fn counts(&self) -> Counts {
        let queue = self.queue.lock();
        Counts { finished: queue.finished, queued: queue.full.len() as u64, dropped: queue.dropped }
    }
}

impl Queue {
    #[cold]
    fn make_room(&mut self, weight: usize, room: &Room) -> bool {
        if self.spans == 0 {
            match room.spans.take(1) {
                Some(share) => self.spans += share,
                None => return false,
            }
        }
        if self.bytes < weight {
            match room.bytes.take(weight - self.bytes) {
                Some(share) => self.bytes += share,
                None => return false,
            }
        }
        true
    }
}
