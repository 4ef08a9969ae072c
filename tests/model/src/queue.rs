//! Threads that finish spans, the collector that fetches them, and whoever asks for the numbers meanwhile.

use crate::{
    Stats,
    account::Reason,
    budget::Budget,
    record::Record,
    shard::{Room, Shard},
    shards::Shards,
    sync::{Arc, thread},
};

/// So few that it matters who gives back what, and so many that a share is more than one.
const ALL: usize = 24;

fn shards(spans: usize) -> Arc<Shards> {
    let room = Room { spans: Budget::new(spans, 3), bytes: Budget::new(ALL, 3) };
    Arc::new(Shards::new(room))
}

#[allow(clippy::unnecessary_box_returns, reason = "queues take boxes")]
fn record(span: usize) -> Box<Record> {
    Box::new(Record { span, said: 0 })
}

/// What the collector does. Returns the spans that it delivered.
fn collect(shards: &Shards) -> Vec<usize> {
    let mut delivered = Vec::new();
    for (shard, records) in shards.fetch() {
        let sent = records.len();
        delivered.extend(records.iter().map(|record| record.span));
        shards.account(|account| {
            account.in_flight -= sent as u64;
            account.delivered += sent as u64;
        });
        shards.room.spans.give_back(sent);
        shard.give_back(records.into_iter());
        shards.room.bytes.give_back(sent);
    }
    delivered
}

fn finish(shard: &Shard, shards: &Shards, span: usize) {
    assert!(shard.push(&mut record(span), &shards.room).is_ok(), "there is room for all");
}

fn sums_up(stats: &Stats) {
    let known = stats.delivered + stats.dropped.total() + stats.queued;
    // As it is calculated, `open` would wrap around where an end is seen and its start is not.
    assert!(stats.open <= stats.started, "{stats:?}");
    assert_eq!(stats.started, known + stats.open, "{stats:?}");
}

/// Nothing waits, and nothing is missing from the budgets.
fn is_over(shards: &Shards, spans: usize) {
    shards.orphans.close(&shards.room);
    let left = (shards.room.spans.take(spans), shards.room.spans.take(1));
    assert_eq!(left, (Some(spans), None), "spans");
    assert_eq!((shards.room.bytes.take(ALL), shards.room.bytes.take(1)), (Some(ALL), None), "bytes");
}

/// Two threads finish spans into shards of their own and go, while the collector fetches.
pub fn threads_come_and_go() {
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
        thread.join().expect("it does not panic");
    }
    delivered.extend(collect(&shards));
    delivered.sort_unstable();
    assert_eq!(delivered, [0, 1], "each once");
    let stats = shards.stats();
    sums_up(&stats);
    assert_eq!((stats.started, stats.delivered, stats.open), (2, 2, 0));
    is_over(&shards, ALL);
}

/// Two threads at their ends share a shard, while the collector fetches.
pub fn threads_share_a_shard() {
    let shards = shards(ALL);
    let threads = [0, 1].map(|span| {
        let shards = shards.clone();
        thread::spawn(move || {
            shards.orphans.count_started_among_others();
            finish(&shards.orphans, &shards, span);
        })
    });
    let mut delivered = collect(&shards);
    for thread in threads {
        thread.join().expect("it does not panic");
    }
    delivered.extend(collect(&shards));
    delivered.sort_unstable();
    assert_eq!(delivered, [0, 1], "each once");
    let stats = shards.stats();
    sums_up(&stats);
    assert_eq!((stats.started, stats.open), (2, 0));
    is_over(&shards, ALL);
}

/// A thread gets an empty record for each that it finishes: a new one, or one that it finished before, and never what
/// another one still has.
pub fn records_come_back() {
    let shards = shards(ALL);
    let shard = shards.add();
    shard.count_started();
    finish(&shard, &shards, 1);
    let thread = thread::spawn({
        let shards = shards.clone();
        move || collect(&shards)
    });
    shard.count_started();
    let mut own = record(2);
    assert!(shard.push(&mut own, &shards.room).is_ok());
    assert!([0, 1].contains(&own.span), "a new one, or the one that came back: {own:?}");
    let mut delivered = thread.join().expect("it does not panic");
    drop(shard);
    delivered.extend(collect(&shards));
    assert_eq!(delivered, [1, 2], "each once, in order");
    is_over(&shards, ALL);
}

/// There is room for one span: of two that end at once the other one is counted as lost.
pub fn the_queue_is_full() {
    let shards = shards(1);
    let threads = [0, 1].map(|span| {
        let shards = shards.clone();
        thread::spawn(move || {
            let shard = shards.add();
            shard.count_started();
            shard.push(&mut record(span), &shards.room).is_ok()
        })
    });
    sums_up(&shards.stats());
    let kept: usize = threads.into_iter().map(|thread| usize::from(thread.join().expect("no panic"))).sum();
    assert_eq!((kept, collect(&shards).len()), (1, 1), "one finds room, and is delivered");
    let stats = shards.stats();
    sums_up(&stats);
    assert_eq!((stats.delivered, stats.dropped.of(Reason::QueueFull.as_str())), (1, 1));
    is_over(&shards, 1);
}

/// The numbers add up whenever somebody looks.
pub fn somebody_looks() {
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
    sums_up(&shards.stats());
    thread.join().expect("it does not panic");
    let delivered = collector.join().expect("it does not panic") + collect(&shards).len();
    let stats = shards.stats();
    sums_up(&stats);
    assert_eq!((delivered, stats.started, stats.delivered, stats.open), (1, 2, 1, 0));
    is_over(&shards, ALL);
}

/// A span starts on one thread, which goes, and ends on another one.
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
    sums_up(&shards.stats());
    thread.join().expect("it does not panic").join().expect("it does not panic");
    delivered.extend(collect(&shards));
    assert_eq!(delivered, [0]);
    let stats = shards.stats();
    sums_up(&stats);
    assert_eq!((stats.started, stats.open), (1, 0));
    is_over(&shards, ALL);
}
