//! Threads that finish spans, the collector that fetches them, and threads that read the account at the same time.

use crate::{
    pipeline::{
        account::{Reason, Stats},
        budget::{Budget, QueueBudget},
        shard::Shard,
        shards::Shards,
    },
    record::Record,
    sync::{Arc, thread},
};

/// A budget small enough to notice units that are not given back, and large enough for shares of several units.
const ALL: usize = 24;

fn shards(spans: usize) -> Arc<Shards> {
    let budget = QueueBudget { spans: Budget::new(spans, 3), bytes: Budget::new(ALL, 3) };
    Arc::new(Shards::new(budget))
}

#[allow(clippy::unnecessary_box_returns, reason = "queues take boxes")]
fn record(span: usize) -> Box<Record> {
    Box::new(Record { span, writes: 0 })
}

/// Does what the collector does. Returns the spans that it delivered.
fn collect(shards: &Shards) -> Vec<usize> {
    let mut delivered = Vec::new();
    for (shard, records) in shards.fetch() {
        let sent = records.len();
        delivered.extend(records.iter().map(|record| record.span));
        shards.account(|account| {
            account.in_flight -= sent as u64;
            account.delivered += sent as u64;
        });
        shards.budget.spans.give_back(sent);
        shard.give_back(records.into_iter());
        shards.budget.bytes.give_back(sent);
    }
    delivered
}

fn finish(shard: &Shard, shards: &Shards, span: usize) {
    assert!(shard.push(&mut record(span), &shards.budget).is_ok(), "the budget suffices for all spans");
}

fn assert_adds_up(stats: &Stats) {
    let known = stats.delivered + stats.dropped.total() + stats.queued;
    // `open` is a difference. It would wrap around if an end was counted without its start.
    assert!(stats.open <= stats.started, "{stats:?}");
    assert_eq!(stats.started, known + stats.open, "{stats:?}");
}

/// Asserts that the queues have given all units back to the budgets.
fn assert_returned(shards: &Shards, spans: usize) {
    shards.shared.close(&shards.budget);
    let units = (shards.budget.spans.take(spans), shards.budget.spans.take(1));
    assert_eq!(units, (Some(spans), None), "spans");
    assert_eq!((shards.budget.bytes.take(ALL), shards.budget.bytes.take(1)), (Some(ALL), None), "bytes");
}

/// Two threads finish spans into their own shards and end, while the collector fetches.
pub fn threads_start_and_end() {
    let shards = shards(ALL);
    let threads = [0, 1].map(|span| {
        let shards = shards.clone();
        thread::spawn(move || {
            let shard = shards.add();
            shard.count_started();
            finish(&shard, &shards, span);
        })
    });
    let mut delivered = collect(&shards);
    for thread in threads {
        thread.join().expect("the thread does not panic");
    }
    delivered.extend(collect(&shards));
    delivered.sort_unstable();
    assert_eq!(delivered, [0, 1], "each span once");
    let stats = shards.stats();
    assert_adds_up(&stats);
    assert_eq!((stats.started, stats.delivered, stats.open), (2, 2, 0));
    assert_returned(&shards, ALL);
}

/// Two threads finish spans into the shared shard, while the collector fetches.
pub fn threads_use_the_shared_shard() {
    let shards = shards(ALL);
    let threads = [0, 1].map(|span| {
        let shards = shards.clone();
        thread::spawn(move || {
            shards.shared.count_started_shared();
            finish(&shards.shared, &shards, span);
        })
    });
    let mut delivered = collect(&shards);
    for thread in threads {
        thread.join().expect("the thread does not panic");
    }
    delivered.extend(collect(&shards));
    delivered.sort_unstable();
    assert_eq!(delivered, [0, 1], "each span once");
    let stats = shards.stats();
    assert_adds_up(&stats);
    assert_eq!((stats.started, stats.open), (2, 0));
    assert_returned(&shards, ALL);
}

/// A thread gets an empty record for each record that it queues: a new one, or one that it queued before, but none that
/// is still in use.
pub fn records_return() {
    let shards = shards(ALL);
    let shard = shards.add();
    shard.count_started();
    finish(&shard, &shards, 1);
    let thread = thread::spawn({
        let shards = shards.clone();
        move || collect(&shards)
    });
    shard.count_started();
    let mut second = record(2);
    assert!(shard.push(&mut second, &shards.budget).is_ok());
    assert!([0, 1].contains(&second.span), "new or returned: {second:?}");
    let mut delivered = thread.join().expect("the thread does not panic");
    drop(shard);
    delivered.extend(collect(&shards));
    assert_eq!(delivered, [1, 2], "each span once, in order");
    assert_returned(&shards, ALL);
}

/// The budget is one span: of two spans that end at the same time, one is counted as dropped.
pub fn the_queue_is_full() {
    let shards = shards(1);
    let threads = [0, 1].map(|span| {
        let shards = shards.clone();
        thread::spawn(move || {
            let shard = shards.add();
            shard.count_started();
            shard.push(&mut record(span), &shards.budget).is_ok()
        })
    });
    assert_adds_up(&shards.stats());
    let queued: usize = threads.into_iter().map(|thread| usize::from(thread.join().expect("no panic"))).sum();
    assert_eq!((queued, collect(&shards).len()), (1, 1), "one span is queued and delivered");
    let stats = shards.stats();
    assert_adds_up(&stats);
    assert_eq!((stats.delivered, stats.dropped.of(Reason::QueueFull)), (1, 1));
    assert_returned(&shards, 1);
}

/// The account adds up at any time.
pub fn stats_are_read() {
    let shards = shards(ALL);
    let thread = thread::spawn({
        let shards = shards.clone();
        move || {
            let shard = shards.add();
            shard.count_started();
            finish(&shard, &shards, 0);
            shard.count_started();
            shard.count_dropped(Reason::Discarded);
        }
    });
    let collector = thread::spawn({
        let shards = shards.clone();
        move || collect(&shards).len()
    });
    assert_adds_up(&shards.stats());
    thread.join().expect("the thread does not panic");
    let delivered = collector.join().expect("the thread does not panic") + collect(&shards).len();
    let stats = shards.stats();
    assert_adds_up(&stats);
    assert_eq!((delivered, stats.started, stats.delivered, stats.open), (1, 2, 1, 0));
    assert_returned(&shards, ALL);
}

/// A span starts on one thread, which ends, and is finished on another one.
pub fn a_span_moves() {
    let shards = shards(ALL);
    let thread = thread::spawn({
        let shards = shards.clone();
        move || {
            let first = shards.add();
            first.count_started();
            let second = thread::spawn({
                let shards = shards.clone();
                move || {
                    let second = shards.add();
                    finish(&second, &shards, 0);
                }
            });
            drop(first);
            second
        }
    });
    let mut delivered = collect(&shards);
    assert_adds_up(&shards.stats());
    thread.join().expect("the thread does not panic").join().expect("the thread does not panic");
    delivered.extend(collect(&shards));
    assert_eq!(delivered, [0]);
    let stats = shards.stats();
    assert_adds_up(&stats);
    assert_eq!((stats.started, stats.open), (1, 0));
    assert_returned(&shards, ALL);
}
