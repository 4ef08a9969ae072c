//! The parts of a record that most spans do not have: copied text, events, links and the status.

use anytrace_api::{Context, Event, Link, Name, Status, Value};

use super::{
    arena::{Arena, Text},
    limits::Limits,
    tags::{TagRange, TagRanges},
};
use crate::clock::{Anchor, Clock, Moment};

/// The data that most spans do not have.
#[derive(Clone, Debug)]
pub(super) struct RareFields {
    /// Copied text and lists.
    pub(super) arena: Arena,
    pub(super) status: StoredStatus,
    pub(super) events: Vec<StoredEvent>,
    pub(super) links: Vec<StoredLink>,
    /// The tags of the events and links.
    pub(super) tag_ranges: TagRanges,
    pub(super) dropped_events: u32,
    pub(super) dropped_links: u32,
}

/// A [`Status`] whose text is in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) enum StoredStatus {
    Unset,
    Ok,
    Error(Text),
}

#[derive(Clone, Debug)]
pub(super) struct StoredEvent {
    pub(super) name: Text,
    pub(super) at: Moment,
    pub(super) tags: TagRange,
}

#[derive(Clone, Debug)]
pub(super) struct StoredLink {
    pub(super) to: Context,
    pub(super) tags: TagRange,
}

impl Default for RareFields {
    fn default() -> Self {
        RareFields {
            arena: Arena::default(),
            status: StoredStatus::Unset,
            events: Vec::new(),
            links: Vec::new(),
            tag_ranges: TagRanges::default(),
            dropped_events: 0,
            dropped_links: 0,
        }
    }
}

impl RareFields {
    pub(super) fn add_event(&mut self, event: Event<'_>, limits: &Limits, clock: &Clock) {
        if self.events.len() >= limits.events as usize {
            self.dropped_events = self.dropped_events.saturating_add(1);
            return;
        }
        let name = self.arena.store(event.name, limits);
        let at = event.at.map_or_else(|| clock.moment(), Moment::from);
        let tags = self.tag_ranges.add(event.tags, limits.event_tags, &mut self.arena, limits);
        self.arena.count_held(size_of::<StoredEvent>(), 0);
        self.events.push(StoredEvent { name, at, tags });
    }

    pub(super) fn add_link(&mut self, link: Link<'_>, limits: &Limits) {
        let to = link.to.context();
        if to.trace_id().is_none() || self.links.len() >= limits.links as usize {
            self.dropped_links = self.dropped_links.saturating_add(1);
            return;
        }
        let tags = self.tag_ranges.add(link.tags, limits.link_tags, &mut self.arena, limits);
        self.arena.count_held(size_of::<StoredLink>(), 0);
        self.links.push(StoredLink { to: to.identity(), tags });
    }

    /// Sets the status. `Ok` is final. A later error replaces an earlier one, unless only the earlier one has a
    /// message.
    pub(super) fn set_status(&mut self, status: Status<'_>, limits: &Limits) {
        let old = match self.status {
            StoredStatus::Ok => return,
            StoredStatus::Error(_) if matches!(status, Status::Error(Value::Absent)) => return,
            StoredStatus::Error(text) => text,
            StoredStatus::Unset => Text::EMPTY,
        };
        self.arena.release(old);
        self.status = match status {
            Status::Ok => StoredStatus::Ok,
            Status::Error(Value::Static(text)) => StoredStatus::Error(self.arena.store(text.into(), limits)),
            Status::Error(Value::Copied(text)) => {
                StoredStatus::Error(self.arena.store(Name::copied(text), limits))
            }
            Status::Error(value) => {
                let text = value.to_string();
                StoredStatus::Error(self.arena.store(Name::copied(&text), limits))
            }
            // A kind of status that was added to the API later.
            _ => StoredStatus::Unset,
        };
    }

    /// Copies the text that is still used to a new arena. `visit_others` calls its argument for each text that is in
    /// the arena and not part of these fields.
    pub(super) fn compact(&mut self, visit_others: impl FnOnce(&mut dyn FnMut(&mut Text))) {
        let old = self.arena.take_text();
        let mut copy = |text: &mut Text| *text = self.arena.copy_from(&old, *text);
        if let StoredStatus::Error(text) = &mut self.status {
            copy(text);
        }
        self.events.iter_mut().for_each(|event| copy(&mut event.name));
        self.tag_ranges.for_each_text(&mut copy);
        visit_others(&mut copy);
    }

    /// Converts the times of the events to wall time.
    pub(super) fn settle(&mut self, anchor: &Anchor) {
        for event in &mut self.events {
            event.at = Moment::Wall(anchor.wall(event.at));
        }
    }

    pub(super) fn reset(&mut self) {
        self.arena.reset();
        self.status = StoredStatus::Unset;
        self.events.clear();
        self.events.shrink_to(16);
        self.links = Vec::new();
        self.tag_ranges.reset();
        (self.dropped_events, self.dropped_links) = (0, 0);
    }
}
