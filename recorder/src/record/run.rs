//! The tags of events and links: all of a span's in one piece of memory, kept for the next one.

use anytrace_api::{Tag, Value};

use super::{
    arena::{self, Arena, Text},
    slot::Slot,
};
use crate::limits::Limits;

/// More slots than this are not kept for the next span.
const KEPT: usize = 64;

/// The tags of all events and links of a span.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs(Vec<Slot>);

/// Those of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    start: u32,
    end: u32,
    /// For how many there was no room.
    pub(super) dropped: u32,
}

impl Runs {
    /// An equal key replaces, as in a span.
    pub(super) fn add(&mut self, tags: &[Tag<'_>], most: u32, arena: &mut Arena, limits: &Limits) -> Run {
        let start = self.0.len();
        let mut dropped = 0;
        for tag in tags {
            if let Value::Absent = tag.value {
                continue;
            }
            let key = match tag.key.as_str() {
                key if key.len() <= limits.text_bytes as usize => key,
                key => arena::start(key, limits.text_bytes as usize),
            };
            let known = self.0[start..].iter().position(|slot| slot.has_key(key, arena));
            match known {
                Some(index) => self.0[start + index].value.replace(&tag.value, arena, limits),
                None if self.0.len() - start >= most as usize => dropped += 1,
                None => {
                    let mut slot = Slot::EMPTY;
                    slot.set(&tag.key, &tag.value, arena, limits);
                    self.0.push(slot);
                }
            }
        }
        arena.count_held((self.0.len() - start) * size_of::<Slot>(), 0);
        // A span has far fewer than four billion: limits are counted in `u32`, and memory ends before.
        Run { start: start as u32, end: self.0.len() as u32, dropped }
    }

    pub(super) fn iter<'a>(
        &'a self,
        run: Run,
        arena: &'a Arena,
    ) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let slots = self.0.get(run.start as usize..run.end as usize).unwrap_or_default();
        slots.iter().map(|slot| slot.read(arena))
    }

    pub(super) fn for_each_text(&mut self, work: &mut dyn FnMut(&mut Text)) {
        self.0.iter_mut().for_each(|slot| slot.for_each_text(work));
    }

    pub(super) fn reset(&mut self) {
        self.0.clear();
        self.0.shrink_to(KEPT);
    }
}
