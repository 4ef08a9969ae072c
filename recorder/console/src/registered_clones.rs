//! The clones that share a console.

use std::{collections::BTreeMap, time::Instant};

use crate::trace_buffer::Others;

/// The existing clones of a console.
#[derive(Debug, Default)]
pub(crate) struct RegisteredClones {
    clones: BTreeMap<u64, CloneState>,
    last: u64,
}

#[derive(Debug, Default)]
struct CloneState {
    /// The last time at which its tracer delivered spans or had none to deliver. `None` if no tracer has used the clstate.
    heard: Option<Instant>,
    /// Flushed since the last drawing of all traces.
    flushed: bool,
}

impl RegisteredClones {
    pub(crate) fn join(&mut self) -> u64 {
        self.last += 1;
        self.clones.insert(self.last, CloneState::default());
        self.last
    }

    pub(crate) fn leave(&mut self, clone: u64) {
        self.clones.remove(&clone);
    }

    pub(crate) fn hear(&mut self, clone: u64, now: Instant) {
        if let Some(state) = self.clones.get_mut(&clone) {
            state.heard = Some(now);
        }
    }

    /// Clears the flush mark of a clone that received spans.
    pub(crate) fn reopen(&mut self, clone: u64) {
        if let Some(state) = self.clones.get_mut(&clone) {
            state.flushed = false;
        }
    }

    pub(crate) fn flush(&mut self, clone: u64) {
        if let Some(state) = self.clones.get_mut(&clone) {
            state.flushed = true;
        }
    }

    /// Returns true once if all existing clones have been flushed, and then clears their marks.
    pub(crate) fn take_flushed(&mut self) -> bool {
        let flushed = self.clones.values().all(|state| state.flushed);
        if flushed {
            self.clones.values_mut().for_each(|state| state.flushed = false);
        }
        flushed
    }

    /// Returns whether other clones can still deliver spans. A clone that no tracer has used has none, because a reporter
    /// thread starts with its first span.
    pub(crate) fn others(&self) -> Others {
        if self.clones.len() < 2 {
            return Others::None;
        }
        Others::Since(self.clones.values().filter_map(|state| state.heard).min())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_ends_when_all_existing_clones_were_flushed() {
        let mut clones = RegisteredClones::default();
        let (a, b, c) = (clones.join(), clones.join(), clones.join());
        clones.flush(a);
        clones.flush(b);
        assert!(!clones.take_flushed());
        clones.reopen(a);
        clones.leave(c);
        assert!(!clones.take_flushed());
        clones.flush(a);
        assert!(clones.take_flushed());
        clones.flush(a);
        assert!(!clones.take_flushed(), "a new round");
        clones.leave(b);
        assert!(clones.take_flushed(), "the other clone was flushed");
        clones.leave(a);
        assert!(clones.take_flushed(), "no clone is left");
    }

    #[test]
    fn the_clone_without_contact_for_the_longest_time_counts() {
        let mut clones = RegisteredClones::default();
        let (a, b) = (clones.join(), clones.join());
        assert!(matches!(clones.others(), Others::Since(None)));
        let now = Instant::now();
        clones.hear(a, now);
        assert!(matches!(clones.others(), Others::Since(Some(heard)) if heard == now));
        clones.hear(b, now + std::time::Duration::from_secs(1));
        assert!(matches!(clones.others(), Others::Since(Some(heard)) if heard == now));
        clones.leave(a);
        assert!(matches!(clones.others(), Others::None));
    }
}
