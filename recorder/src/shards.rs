//! The shards of all threads, and the account of every span.
//!
//! What threads finish, what the collector fetches and what is counted meanwhile meet here, so this file is
//! model-checked (`tests/model`).

use crate::{
    Stats,
    account::Account,
    record::Record,
    shard::{Room, Shard},
    sync::{Arc, Mutex},
};

#[derive(Debug)]
pub(crate) struct Shards {
    pub(crate) room: Room,
    /// For threads that are ending.
    pub(crate) orphans: Arc<Shard>,
    // Locked in this order: account, all, a shard's queue.
    account: Mutex<Account>,
    all: Mutex<Vec<Arc<Shard>>>,
}

impl Shards {
    pub(crate) fn new(room: Room) -> Self {
        let orphans = Arc::new(Shard::default());
        let all = Mutex::new(vec![orphans.clone()]);
        Shards { room, orphans, account: Mutex::default(), all }
    }

    /// One more, for as long as its thread keeps it.
    pub(crate) fn add(&self) -> Arc<Shard> {
        let shard = Arc::new(Shard::default());
        self.all.lock().push(shard.clone());
        shard
    }

    /// Takes all that waits, by thread; it is in flight from now on. What threads that are gone left behind is taken
    /// over.
    pub(crate) fn fetch(&self) -> Vec<(Arc<Shard>, Vec<Box<Record>>)> {
        let mut account = self.account.lock();
        let mut all = self.all.lock();
        let mut fetched = Vec::new();
        all.retain_mut(|shard| {
            // Looked at before the queue is: what a thread puts there at its end is not missed. Not by the count of
            // references, which says that the thread is gone but not that all it did is seen.
            let gone = Arc::get_mut(shard).is_some();
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

    /// Where every span went; what was said too late is not counted here.
    pub(crate) fn stats(&self) -> Stats {
        self.account(|account| {
            let all = self.all.lock();
            let mut stats = Stats {
                delivered: account.delivered,
                dropped: account.dropped.clone(),
                queued: account.in_flight,
                ..Stats::default()
            };
            let mut finished = account.finished_by_the_gone;
            for shard in all.iter() {
                let counts = shard.counts();
                finished += counts.finished;
                stats.queued += counts.queued;
                counts.add_dropped_to(&mut stats.dropped);
            }
            // After all ends: a span that ends now has started.
            stats.started =
                account.started_by_the_gone + all.iter().map(|shard| shard.started()).sum::<u64>();
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
        counts.add_dropped_to(&mut self.dropped);
    }
}
