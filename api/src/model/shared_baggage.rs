//! One baggage that a whole request shares: it only ever grows, so that readers may borrow from it without a lock.
//!
//! Requests change it from several threads, so this file is model-checked (`tests/model`).

use crate::model::{
    Baggage, LimitError, LimitKind,
    sync::{Arc, OnceLock},
};

/// How often one request may change its baggage: every state stays readable until the request ends.
const CHANGES: usize = 256;

/// A list of states, the last of which counts.
#[derive(Clone, Debug)]
pub(crate) struct SharedBaggage(Arc<State>);

#[derive(Debug, Default)]
struct State {
    baggage: Baggage,
    next: OnceLock<Box<State>>,
}

impl SharedBaggage {
    pub(crate) fn new(baggage: Baggage) -> Self {
        SharedBaggage(Arc::new(State { baggage, next: OnceLock::new() }))
    }

    pub(crate) fn latest(&self) -> &Baggage {
        &self.last().0.baggage
    }

    /// Applies `change` to the newest state; again if somebody else was quicker.
    pub(crate) fn change(
        &self,
        key: &str,
        mut change: impl FnMut(&mut Baggage) -> Result<(), LimitError>,
    ) -> Result<(), LimitError> {
        loop {
            let (last, changes) = self.last();
            let mut baggage = last.baggage.clone();
            change(&mut baggage)?;
            if baggage == last.baggage {
                return Ok(());
            }
            if changes >= CHANGES {
                return Err(LimitError::new("shared baggage", LimitKind::Changes, key));
            }
            if last.next.set(Box::new(State { baggage, next: OnceLock::new() })).is_ok() {
                return Ok(());
            }
        }
    }

    fn last(&self) -> (&State, usize) {
        let mut state = &*self.0;
        let mut changes = 0;
        while let Some(next) = state.next.get() {
            state = next;
            changes += 1;
        }
        (state, changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_many_threads_all_arrive() {
        let shared = SharedBaggage::new(Baggage::new());
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let shared = shared.clone();
                scope.spawn(move || {
                    for n in 0..10 {
                        let key = format!("k{thread}.{n}");
                        shared.change(&key, |baggage| baggage.insert(&key, "v")).unwrap();
                    }
                });
            }
        });
        assert_eq!(shared.latest().len(), 40);
    }

    #[test]
    fn changes_are_bounded() {
        let shared = SharedBaggage::new(Baggage::new());
        let set = |n: usize| shared.change("k", |baggage| baggage.insert("k", &n.to_string()));
        assert!((0..CHANGES).all(|n| set(n).is_ok()));
        assert_eq!(set(CHANGES).unwrap_err().kind(), LimitKind::Changes);
        assert!(set(CHANGES - 1).is_ok(), "no change, no cost");
    }
}
