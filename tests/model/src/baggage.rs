//! The baggage that the spans of a request share.

use crate::{
    model::{Baggage, LimitError},
    shared_baggage::SharedBaggage,
    sync::thread,
};

fn set(shared: &SharedBaggage, key: &str) {
    let insert = |baggage: &mut Baggage| baggage.insert(key, "v").map_err(|_| LimitError);
    shared.change(key, insert).expect("the entry is within all limits");
}

/// No concurrent change is lost, and a reader sees complete states, each no older than the previous one.
pub fn no_change_is_lost() {
    let shared = SharedBaggage::new(Baggage::new());
    let threads = ["a", "b"].map(|key| {
        let shared = shared.clone();
        thread::spawn(move || set(&shared, key))
    });
    let before = shared.latest().len();
    let after = shared.latest().len();
    assert!(before <= after);
    for thread in threads {
        thread.join().expect("the thread does not panic");
    }
    let latest = shared.latest();
    assert_eq!((latest.len(), latest.get("a"), latest.get("b")), (2, Some("v"), Some("v")));
}
