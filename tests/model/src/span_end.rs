//! The end of a span, and writes through its references at the same time.

use crate::{
    record::Record,
    sync::{Arc, AtomicU64, Ordering, thread},
    take_once::TakeOnce,
};

/// The part of a live span that the models need.
struct LiveSpan {
    record: TakeOnce<Box<Record>>,
    late_writes: Arc<AtomicU64>,
}

impl LiveSpan {
    /// Does what each setter does.
    fn write(&self) {
        match &mut *self.record.lock() {
            Some(record) => record.writes += 1,
            None => {
                self.late_writes.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Does what the owner does at the end. Returns the record, and the live span if there is no other reference.
    fn finish(mut live: Arc<LiveSpan>) -> (Option<Box<Record>>, Option<Arc<LiveSpan>>) {
        match Arc::get_mut(&mut live) {
            Some(unshared) => (unshared.record.get_mut().take(), Some(live)),
            None => (live.record.take(), None),
        }
    }
}

fn start() -> (Arc<LiveSpan>, Arc<AtomicU64>) {
    let late_writes = Arc::new(AtomicU64::new(0));
    let record = TakeOnce::new(Box::default());
    (Arc::new(LiveSpan { record, late_writes: late_writes.clone() }), late_writes)
}

/// The record is taken once, and each write through a reference is either in it or counted as late.
pub fn one_reference_writes() {
    references_write(1, 2);
}

/// Two references write, each once.
pub fn two_references_write() {
    references_write(2, 1);
}

fn references_write(references: usize, times: u64) {
    let (live, late_writes) = start();
    let threads: Vec<_> = (0..references)
        .map(|_| {
            let reference = live.clone();
            thread::spawn(move || (0..times).for_each(|_| reference.write()))
        })
        .collect();
    let (record, _) = LiveSpan::finish(live);
    let record = record.expect("the owner takes the record even if there are references");
    for thread in threads {
        thread.join().expect("the thread does not panic");
    }
    let writes = references as u64 * times;
    assert_eq!(record.writes + late_writes.load(Ordering::Relaxed), writes, "recorded or late");
}

/// A reference is dropped while the span ends. If the owner has the only reference left, it reuses the live span at
/// once, and no write to the first span reaches the second one.
pub fn a_reference_is_dropped() {
    let (live, late_writes) = start();
    let reference = live.clone();
    let thread = thread::spawn(move || {
        let clone = reference.clone();
        drop(reference);
        clone.write();
    });
    let (record, unshared) = LiveSpan::finish(live);
    let record = record.expect("the owner takes the record");
    if let Some(mut live) = unshared {
        let unshared = Arc::get_mut(&mut live).expect("no reference appears later");
        assert!(unshared.record.get_mut().replace(Box::default()).is_none(), "the record was taken");
        assert_eq!(record.writes, 1, "the write came before the end");
        let (second, unshared) = LiveSpan::finish(live);
        assert_eq!((second.map(|record| record.writes), unshared.is_some()), (Some(0), true));
    }
    thread.join().expect("the thread does not panic");
    assert_eq!(record.writes + late_writes.load(Ordering::Relaxed), 1);
}

/// Of two ends at the same time, one takes the record.
pub fn two_owners_finish() {
    let (live, late_writes) = start();
    let other = live.clone();
    let thread = thread::spawn(move || {
        other.write();
        LiveSpan::finish(other).0
    });
    let first = LiveSpan::finish(live).0;
    let second = thread.join().expect("the thread does not panic");
    assert_eq!(usize::from(first.is_some()) + usize::from(second.is_some()), 1, "taken once");
    let writes = first.or(second).map(|record| record.writes);
    assert_eq!(writes, Some(1 - late_writes.load(Ordering::Relaxed)));
}
