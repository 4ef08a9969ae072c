//! The baggage that a request shares.

use crate::{
    model::{Baggage, LimitError},
    shared_baggage::SharedBaggage,
    sync::thread,
};

fn set(shared: &SharedBaggage, key: &str) {
    let insert = |baggage: &mut Baggage| baggage.insert(key, "v").map_err(|_| LimitError);
    shared.change(key, insert).expect("it is within all limits");
}

/// Changes of several threads all arrive, and who reads meanwhile sees whole states, each no older than the last.
pub fn changes_all_arrive() {
    let shared = SharedBaggage::new(Baggage::new());
    let threads = ["a", "b"].map(|key| {
        let shared = shared.clone();
        thread::spawn(move || set(&shared, key))
    });
    let before = shared.latest().len();
    let after = shared.latest().len();
    assert!(before <= after);
    for thread in threads {
        thread.join().expect("it does not panic");
    }
    let latest = shared.latest();
    assert_eq!((latest.len(), latest.get("a"), latest.get("b")), (2, Some("v"), Some("v")));
}
