//! A shard: the counts of one thread and the queue of its finished spans.

use anytrace_api::flush::Dropped;

use super::{account::Reason, budget::QueueBudget};
use crate::{
    record::Record,
    sync::{AtomicU64, Mutex, Ordering},
};

/// The number of emptied records that a shard keeps for reuse, even if its thread finished fewer spans lately.
const MIN_SPARE: usize = 64;

/// The counts of one thread and the queue of its finished spans. The lock of the queue is contended only while the
/// collector fetches.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// Written by one thread at a time, so a load and a store replace the atomic addition.
    started: AtomicU64,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// `finished_slots` finished records, then empty records, each of which is exchanged for a finished one. Each slot
    /// has taken one span from the budget.
    slots: Vec<Box<Record>>,
    finished_slots: usize,
    /// Empty records that have taken nothing from the budget, at most `max_spare` of them.
    spare: Vec<Box<Record>>,
    /// Length of recent fetches: rises at once and falls by a quarter with each fetch.
    recent_fetch: usize,
    finished: u64,
    dropped: [u64; Reason::ALL.len()],
    /// The unused parts of the shares that this queue has taken from the budgets.
    spans: usize,
    bytes: usize,
}

/// The record was not queued. It is counted as dropped.
#[derive(Debug)]
pub(crate) struct QueueFull;

/// The counts of a shard at one moment.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) finished: u64,
    pub(crate) queued: u64,
    dropped: [u64; Reason::ALL.len()],
}

impl Counts {
    pub(crate) fn add_dropped_to(&self, sum: &mut Dropped) {
        for reason in Reason::ALL {
            sum.add(reason, self.dropped[reason as usize]);
        }
    }
}

impl Shard {
    #[inline]
    pub(crate) fn count_started(&self) {
        self.started.store(self.started.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Counts a start in a shard that several threads use.
    pub(crate) fn count_started_shared(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Puts a finished record into the queue in exchange for an empty one. Returns the length of the queue.
    #[inline]
    pub(crate) fn push(&self, record: &mut Box<Record>, budget: &QueueBudget) -> Result<usize, QueueFull> {
        let weight = record.weight();
        let mut queue = self.queue.lock();
        let queue = &mut *queue;
        queue.finished += 1;
        match queue.slots.get_mut(queue.finished_slots) {
            Some(slot) if queue.bytes >= weight => std::mem::swap(slot, record),
            _ => queue.push_with_new_share(record, weight, budget)?,
        }
        queue.bytes -= weight;
        queue.finished_slots += 1;
        Ok(queue.finished_slots)
    }

    /// Counts a span that ended and is dropped.
    pub(crate) fn count_dropped(&self, reason: Reason) {
        let mut queue = self.queue.lock();
        queue.finished += 1;
        queue.dropped[reason as usize] += 1;
    }

    /// Takes all queued records.
    pub(crate) fn fetch(&self) -> Vec<Box<Record>> {
        let mut queue = self.queue.lock();
        let finished = std::mem::take(&mut queue.finished_slots);
        let empty = queue.slots.split_off(finished);
        let fetched = std::mem::replace(&mut queue.slots, empty);
        // Frees the records of a burst some time after it.
        queue.recent_fetch = finished.max(queue.recent_fetch - queue.recent_fetch / 4);
        let kept = queue.max_spare().min(queue.spare.len());
        let surplus = queue.spare.split_off(kept);
        drop(queue);
        drop(surplus);
        fetched
    }

    /// Returns emptied records to the thread that filled them.
    pub(crate) fn give_back(&self, emptied: impl Iterator<Item = Box<Record>>) {
        let mut queue = self.queue.lock();
        let missing = queue.max_spare().saturating_sub(queue.spare.len());
        queue.spare.extend(emptied.take(missing));
    }

    /// Returns the unused shares of a thread that has ended to the budgets.
    pub(crate) fn close(&self, budget: &QueueBudget) {
        let mut queue = self.queue.lock();
        let finished = queue.finished_slots;
        let empty = queue.slots.len() - finished;
        queue.slots.truncate(finished);
        budget.spans.give_back(std::mem::take(&mut queue.spans) + empty);
        budget.bytes.give_back(std::mem::take(&mut queue.bytes));
    }

    pub(crate) fn counts(&self) -> Counts {
        let queue = self.queue.lock();
        Counts { finished: queue.finished, queued: queue.finished_slots as u64, dropped: queue.dropped }
    }
}

impl Queue {
    fn max_spare(&self) -> usize {
        self.recent_fetch.max(MIN_SPARE)
    }

    #[cold]
    fn push_with_new_share(
        &mut self,
        record: &mut Box<Record>,
        weight: usize,
        budget: &QueueBudget,
    ) -> Result<(), QueueFull> {
        let has_share = self.take_share(weight, budget);
        match self.slots.get_mut(self.finished_slots) {
            Some(slot) if has_share => {
                std::mem::swap(slot, record);
                Ok(())
            }
            _ => {
                self.dropped[Reason::QueueFull as usize] += 1;
                Err(QueueFull)
            }
        }
    }

    /// Takes from the budgets until one record of this weight can be queued. Returns false if too little is left.
    fn take_share(&mut self, weight: usize, budget: &QueueBudget) -> bool {
        if self.bytes < weight {
            match budget.bytes.take(weight - self.bytes) {
                Some(share) => self.bytes += share,
                None => return false,
            }
        }
        if self.finished_slots < self.slots.len() {
            return true;
        }
        if self.spans == 0 {
            match budget.spans.take(1) {
                Some(share) => self.spans = share,
                None => return false,
            }
        }
        // Reuses the records that have come back. Without any, adds one record only, so that none is allocated in vain.
        let kept = self.spare.len() - self.spare.len().min(self.spans);
        self.slots.extend(self.spare.drain(kept..));
        if self.finished_slots == self.slots.len() {
            self.slots.push(Box::default());
        }
        self.spans -= self.slots.len() - self.finished_slots;
        true
    }
}
