//! The end of a span, and what its references say meanwhile.

use crate::{
    record::Record,
    slot::Slot,
    sync::{Arc, AtomicU64, Ordering, thread},
};

/// As much of a live span as takes part.
struct Live {
    record: Slot<Box<Record>>,
    late: Arc<AtomicU64>,
}

impl Live {
    /// What each setter does.
    fn say(&self) {
        match &mut *self.record.lock() {
            Some(record) => record.said += 1,
            None => {
                self.late.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// What the owner does at the end: the record, and the live span where nobody else refers to it.
    fn finish(mut live: Arc<Live>) -> (Option<Box<Record>>, Option<Arc<Live>>) {
        match Arc::get_mut(&mut live) {
            Some(own) => (own.record.get_mut().take(), Some(live)),
            None => (live.record.take(), None),
        }
    }
}

fn open() -> (Arc<Live>, Arc<AtomicU64>) {
    let late = Arc::new(AtomicU64::new(0));
    (Arc::new(Live { record: Slot::new(Box::default()), late: late.clone() }), late)
}

/// The record is handed over once, and whatever a reference says is either in it or counted as too late.
pub fn one_reference_speaks() {
    references_speak(1, 2);
}

/// The same with two references.
pub fn two_references_speak() {
    references_speak(2, 1);
}

fn references_speak(references: usize, times: u64) {
    let (live, late) = open();
    let threads: Vec<_> = (0..references)
        .map(|_| {
            let reference = live.clone();
            thread::spawn(move || (0..times).for_each(|_| reference.say()))
        })
        .collect();
    let (record, _) = Live::finish(live);
    let record = record.expect("the owner hands it over, whoever refers to it");
    for thread in threads {
        thread.join().expect("it does not panic");
    }
    let said = references as u64 * times;
    assert_eq!(record.said + late.load(Ordering::Relaxed), said, "in the record or too late");
}

/// A clone goes while the span ends. Where the owner is found to be alone, the live span serves for another span at
/// once, and nothing that was said of the first one gets there.
pub fn a_reference_goes() {
    let (live, late) = open();
    let reference = live.clone();
    let thread = thread::spawn(move || {
        let another = reference.clone();
        drop(reference);
        another.say();
    });
    let (record, alone) = Live::finish(live);
    let record = record.expect("handed over once");
    if let Some(mut live) = alone {
        let own = Arc::get_mut(&mut live).expect("it is still alone");
        assert!(own.record.get_mut().replace(Box::default()).is_none(), "emptied");
        assert_eq!(record.said, 1, "what was said came before");
        let (second, alone) = Live::finish(live);
        assert_eq!((second.map(|record| record.said), alone.is_some()), (Some(0), true));
    }
    thread.join().expect("it does not panic");
    assert_eq!(record.said + late.load(Ordering::Relaxed), 1);
}

/// Whoever takes the record has it alone, even if two could.
pub fn two_ends_meet() {
    let (live, late) = open();
    let other = live.clone();
    let thread = thread::spawn(move || {
        other.say();
        Live::finish(other).0
    });
    let one = Live::finish(live).0;
    let two = thread.join().expect("it does not panic");
    assert_eq!(usize::from(one.is_some()) + usize::from(two.is_some()), 1, "handed over once");
    let said = one.or(two).map(|record| record.said);
    assert_eq!(said, Some(1 - late.load(Ordering::Relaxed)));
}
