//! A baggage that all spans of a request share.
//!
//! A change appends a new version, and old versions stay until the request ends, so readers borrow a version without a
//! lock. Several threads can change the baggage at a time; the models in `tests/model` check this file.

use crate::model::{
    Baggage, LimitError, LimitKind,
    sync::{Arc, OnceLock},
};

/// The maximum number of changes per request. A limit is necessary because old versions are not freed before the
/// request ends.
const MAX_CHANGES: usize = 256;

/// A linked list of versions. The last version is the current one.
#[derive(Clone, Debug)]
pub(crate) struct SharedBaggage(Arc<Version>);

#[derive(Debug, Default)]
struct Version {
    baggage: Baggage,
    next: OnceLock<Box<Version>>,
}

impl SharedBaggage {
    pub(crate) fn new(baggage: Baggage) -> Self {
        SharedBaggage(Arc::new(Version { baggage, next: OnceLock::new() }))
    }

    /// Returns the current version.
    pub(crate) fn latest(&self) -> &Baggage {
        &self.last().0.baggage
    }

    /// Applies `change` to a copy of the current version and appends the copy. Repeats if another thread appended
    /// first.
    ///
    /// `key` is the changed key, for the error.
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
            if changes >= MAX_CHANGES {
                return Err(LimitError::new("shared baggage", LimitKind::Changes, key));
            }
            if last.next.set(Box::new(Version { baggage, next: OnceLock::new() })).is_ok() {
                return Ok(());
            }
        }
    }

    /// Returns the last version and the number of changes before it.
    fn last(&self) -> (&Version, usize) {
        let mut version = &*self.0;
        let mut changes = 0;
        while let Some(next) = version.next.get() {
            version = next;
            changes += 1;
        }
        (version, changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concurrent_changes_are_all_applied() {
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
    fn number_of_changes_is_limited() {
        let shared = SharedBaggage::new(Baggage::new());
        let set = |n: usize| shared.change("k", |baggage| baggage.insert("k", &n.to_string()));
        assert!((0..MAX_CHANGES).all(|n| set(n).is_ok()));
        assert_eq!(set(MAX_CHANGES).unwrap_err().kind(), LimitKind::Changes);
        assert!(set(MAX_CHANGES - 1).is_ok(), "an update without a change does not count");
    }
}
