//! Who shares a console.

use std::{collections::BTreeMap, time::Instant};

use crate::trace_buffer::Others;

/// The clones of a console that there are.
#[derive(Debug, Default)]
pub(crate) struct RegisteredClones {
    clones: BTreeMap<u64, One>,
    last: u64,
}

#[derive(Debug, Default)]
struct One {
    /// When it last gave spans, or had none to give: never, if no tracer has it.
    heard: Option<Instant>,
    /// Since everything was drawn because all had been.
    flushed: bool,
}

impl RegisteredClones {
    pub(crate) fn join(&mut self) -> u64 {
        self.last += 1;
        self.clones.insert(self.last, One::default());
        self.last
    }

    pub(crate) fn leave(&mut self, clone: u64) {
        self.clones.remove(&clone);
    }

    pub(crate) fn hear(&mut self, clone: u64, now: Instant) {
        if let Some(one) = self.clones.get_mut(&clone) {
            one.heard = Some(now);
        }
    }

    /// It gave spans: whoever flushed is not done.
    pub(crate) fn reopen(&mut self, clone: u64) {
        if let Some(one) = self.clones.get_mut(&clone) {
            one.flushed = false;
        }
    }

    pub(crate) fn flush(&mut self, clone: u64) {
        if let Some(one) = self.clones.get_mut(&clone) {
            one.flushed = true;
        }
    }

    /// Has each of those that are left been flushed? Once: then all have to be flushed anew.
    pub(crate) fn take_flushed(&mut self) -> bool {
        let flushed = self.clones.values().all(|one| one.flushed);
        if flushed {
            self.clones.values_mut().for_each(|one| one.flushed = false);
        }
        flushed
    }

    /// Those besides whoever asks. One that was never heard has nothing: a tracer's thread starts with its first span.
    pub(crate) fn others(&self) -> Others {
        if self.clones.len() < 2 {
            return Others::None;
        }
        Others::Since(self.clones.values().filter_map(|one| one.heard).min())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_of_flushes_is_over_when_all_that_are_left_were_flushed() {
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
        assert!(clones.take_flushed(), "the other one was flushed");
        clones.leave(a);
        assert!(clones.take_flushed(), "nobody is left");
    }

    #[test]
    fn the_one_that_was_silent_for_longest_counts() {
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
