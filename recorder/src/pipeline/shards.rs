//! The shards of all threads, and the account of every span.
//!
//! Threads that end spans, the collector and callers of `stats` meet here, so this file is model-checked
//! (`tests/model`).

use super::{
    account::{Account, Stats},
    budget::QueueBudget,
    shard::Shard,
};
use crate::{
    record::Record,
    sync::{Arc, Mutex},
};

#[derive(Debug)]
pub(crate) struct Shards {
    pub(crate) budget: QueueBudget,
    /// The shard of all threads whose thread-local storage is gone.
    pub(crate) shared: Arc<Shard>,
    // Lock order: account, all, a shard's queue.
    account: Mutex<Account>,
    all: Mutex<Vec<Arc<Shard>>>,
}

impl Shards {
    pub(crate) fn new(budget: QueueBudget) -> Self {
        let shared = Arc::new(Shard::default());
        let all = Mutex::new(vec![shared.clone()]);
        Shards { budget, shared, account: Mutex::default(), all }
    }

    /// Adds a shard. Once its thread has dropped it, the next [`fetch`](Self::fetch) removes it.
    pub(crate) fn add(&self) -> Arc<Shard> {
        let shard = Arc::new(Shard::default());
        self.all.lock().push(shard.clone());
        shard
    }

    /// Takes all queued records, by shard, and counts them as in flight. Removes the shards of threads that have ended
    /// and adds their counts to the account.
    pub(crate) fn fetch(&self) -> Vec<(Arc<Shard>, Vec<Box<Record>>)> {
        let mut account = self.account.lock();
        let mut all = self.all.lock();
        let mut fetched = Vec::new();
        all.retain_mut(|shard| {
            // Checked before the queue is read, so that the last spans of the thread are not missed. `get_mut`
            // synchronizes with the thread's drop of its reference; `strong_count` would not.
            let is_unused = Arc::get_mut(shard).is_some();
            let records = shard.fetch();
            account.in_flight += records.len() as u64;
            if !records.is_empty() {
                fetched.push((shard.clone(), records));
            }
            if is_unused {
                shard.close(&self.budget);
                account.take_over(shard);
            }
            !is_unused
        });
        fetched
    }

    /// Calls `work` with the account, which is locked: no records are fetched meanwhile.
    pub(crate) fn account<R>(&self, work: impl FnOnce(&mut Account) -> R) -> R {
        work(&mut self.account.lock())
    }

    /// Returns the counts of all spans. `late` is 0, since the shards do not count late writes.
    pub(crate) fn stats(&self) -> Stats {
        self.account(|account| {
            let all = self.all.lock();
            let mut stats = Stats {
                delivered: account.delivered,
                dropped: account.dropped.clone(),
                queued: account.in_flight,
                ..Stats::default()
            };
            let mut finished = account.finished_on_ended_threads;
            for shard in all.iter() {
                let counts = shard.counts();
                finished += counts.finished;
                stats.queued += counts.queued;
                counts.add_dropped_to(&mut stats.dropped);
            }
            // Read after the ends, so that each end that was counted has its start counted too.
            stats.started =
                account.started_on_ended_threads + all.iter().map(|shard| shard.started()).sum::<u64>();
            stats.open = stats.started - finished;
            debug_assert_eq!(
                finished,
                stats.delivered + stats.dropped.total() + stats.queued,
                "every finished span is delivered, dropped or queued"
            );
            stats
        })
    }
}

impl Account {
    /// Adds the counts of a shard whose thread has ended.
    fn take_over(&mut self, shard: &Shard) {
        let counts = shard.counts();
        self.started_on_ended_threads += shard.started();
        self.finished_on_ended_threads += counts.finished;
        counts.add_dropped_to(&mut self.dropped);
    }
}
