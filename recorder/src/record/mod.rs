//! The record of one span: all of its data, from its start until its delivery.

mod arena;
mod finished;
mod limits;
mod lists;
mod parent_link;
mod tags;

use std::panic::Location;

use anytrace_api::{
    Context, EndReason, Event, InstrumentationScope, Kind, Link, Name, Operation, Status, Tag, Value,
    backend::{End, Update},
};

use self::{
    arena::{Arena, Text},
    tags::{TagRange, TagRanges, Tags},
};
use crate::clock::{Anchor, Clock, Moment};

pub use self::{
    finished::{FinishedEvent, FinishedLink, FinishedSpan},
    limits::Limits,
};
pub(crate) use self::{parent_link::ParentLink, tags::TagIndex};

/// The data of a span, from its start until its delivery. Records are reused for other spans and keep their allocations.
///
/// The fields that every span writes come first and next to each other, so that they share few cache lines.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Record {
    start: Moment,
    end: Moment,
    pub(crate) context: Context,
    pub(crate) parent_link: ParentLink,
    name: Text,
    instrumentation_scope: Option<&'static InstrumentationScope>,
    location: Option<&'static Location<'static>>,
    kind: Kind,
    end_reason: EndReason,
    /// Set before `rare` is written, so that a record without such data is reset without reading it.
    has_rare: bool,
    tags: Tags,
    rare: RareFields,
}

/// The data that most spans do not have.
#[derive(Clone, Debug)]
struct RareFields {
    /// Copied text and lists.
    arena: Arena,
    status: StoredStatus,
    events: Vec<StoredEvent>,
    links: Vec<StoredLink>,
    /// The tags of the events and links.
    tag_ranges: TagRanges,
    dropped_events: u32,
    dropped_links: u32,
}

/// A [`Status`] whose text is in the arena.
#[derive(Clone, Copy, Debug)]
enum StoredStatus {
    Unset,
    Ok,
    Error(Text),
}

#[derive(Clone, Debug)]
struct StoredEvent {
    name: Text,
    at: Moment,
    tags: TagRange,
}

#[derive(Clone, Debug)]
struct StoredLink {
    to: Context,
    tags: TagRange,
}

impl Default for Record {
    fn default() -> Self {
        Record {
            start: Moment::Wall(0),
            end: Moment::Wall(0),
            context: Context::EMPTY,
            parent_link: ParentLink::default(),
            name: Text::EMPTY,
            instrumentation_scope: None,
            location: None,
            kind: Kind::Internal,
            end_reason: EndReason::Finished,
            has_rare: false,
            tags: Tags::default(),
            rare: RareFields::default(),
        }
    }
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

impl Record {
    /// Writes the start of a span into an empty record. The context and the parent link are set by the caller.
    #[inline]
    pub(crate) fn begin(
        &mut self,
        operation: &Operation<'_>,
        tag_index: &mut TagIndex,
        limits: &Limits,
        clock: &Clock,
    ) {
        self.kind = operation.kind;
        self.instrumentation_scope = operation.instrumentation_scope;
        self.location = operation.location;
        match operation.name {
            Name::Static(name) if name.len() <= limits.text_bytes as usize => self.name = Text::Static(name),
            name => self.name = self.text(name, limits),
        }
        if !operation.tags.is_empty() {
            let set = self.set_tags_fast(operation.tags, tag_index, limits);
            if set < operation.tags.len() {
                self.set_tags(&operation.tags[set..], tag_index, limits);
            }
        }
        if !operation.links.is_empty() {
            self.add_links(operation.links, limits);
        }
        // Read last, so that the duration does not include the start of the span.
        self.start = operation.start.map_or_else(|| clock.moment(), Moment::from);
    }

    /// Returns true if any tag was set.
    #[inline]
    pub(crate) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    #[inline]
    pub(crate) fn finish(&mut self, end: End, clock: &Clock) {
        self.end = end.at.map_or_else(|| clock.moment(), Moment::from);
        self.end_reason = end.reason;
    }

    /// Sets a tag if the fast path can do so. Returns false if [`set_tag`](Self::set_tag) has to be called.
    #[inline]
    pub(crate) fn set_tag_fast(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        tag_index: &mut TagIndex,
        limits: &Limits,
    ) -> bool {
        self.tags.set_fast(key, value, tag_index, limits)
    }

    /// Sets or replaces any tag.
    #[inline(never)]
    pub(crate) fn set_tag(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        tag_index: &mut TagIndex,
        limits: &Limits,
    ) {
        self.has_rare = true;
        self.tags.set(key, value, tag_index, &mut self.rare.arena, limits);
        if self.rare.arena.needs_compaction() {
            self.compact();
        }
    }

    /// Sets tags up to the first that the fast path cannot set. Returns the number of tags that were set;
    /// [`set_tags`](Self::set_tags) has to be called for the others.
    #[inline]
    pub(crate) fn set_tags_fast(
        &mut self,
        tags: &[Tag<'_>],
        tag_index: &mut TagIndex,
        limits: &Limits,
    ) -> usize {
        self.tags.set_all_fast(tags, tag_index, limits)
    }

    /// Sets or replaces each tag.
    #[inline(never)]
    pub(crate) fn set_tags(&mut self, mut tags: &[Tag<'_>], tag_index: &mut TagIndex, limits: &Limits) {
        loop {
            let set = self.set_tags_fast(tags, tag_index, limits);
            let Some((tag, remaining)) = tags.get(set..).and_then(<[_]>::split_first) else { return };
            self.set_tag(&tag.key, &tag.value, tag_index, limits);
            tags = remaining;
        }
    }

    /// Returns false for a kind of update that was added to the API later.
    pub(crate) fn update(&mut self, update: Update<'_>, limits: &Limits, clock: &Clock) -> bool {
        self.has_rare = true;
        match update {
            Update::Name(name) => {
                self.rare.arena.release(self.name);
                self.name = self.text(name, limits);
            }
            Update::Event(event) => self.add_event(event, limits, clock),
            Update::Link(link) => self.add_link(link, limits),
            Update::Status(status) => self.set_status(status, limits),
            _ => return false,
        }
        if self.rare.arena.needs_compaction() {
            self.compact();
        }
        true
    }

    fn add_event(&mut self, event: Event<'_>, limits: &Limits, clock: &Clock) {
        if self.rare.events.len() >= limits.events as usize {
            self.rare.dropped_events = self.rare.dropped_events.saturating_add(1);
            return;
        }
        let name = self.text(event.name, limits);
        let at = event.at.map_or_else(|| clock.moment(), Moment::from);
        let tags = self.rare.tag_ranges.add(event.tags, limits.event_tags, &mut self.rare.arena, limits);
        self.rare.arena.count_held(size_of::<StoredEvent>(), 0);
        self.rare.events.push(StoredEvent { name, at, tags });
    }

    #[inline(never)]
    fn add_links(&mut self, links: &[Link<'_>], limits: &Limits) {
        self.has_rare = true;
        for link in links {
            self.add_link(*link, limits);
        }
    }

    fn add_link(&mut self, link: Link<'_>, limits: &Limits) {
        let to = link.to.context();
        if to.trace_id().is_none() || self.rare.links.len() >= limits.links as usize {
            self.rare.dropped_links = self.rare.dropped_links.saturating_add(1);
            return;
        }
        let tags = self.rare.tag_ranges.add(link.tags, limits.link_tags, &mut self.rare.arena, limits);
        self.rare.arena.count_held(size_of::<StoredLink>(), 0);
        self.rare.links.push(StoredLink { to: to.identity(), tags });
    }

    /// Sets the status. `Ok` is final. A later error replaces an earlier one, unless only the earlier one has a message.
    fn set_status(&mut self, status: Status<'_>, limits: &Limits) {
        let old = match self.rare.status {
            StoredStatus::Ok => return,
            StoredStatus::Error(_) if matches!(status, Status::Error(Value::Absent)) => return,
            StoredStatus::Error(text) => text,
            StoredStatus::Unset => Text::EMPTY,
        };
        self.rare.arena.release(old);
        self.rare.status = match status {
            Status::Ok => StoredStatus::Ok,
            Status::Error(Value::Static(text)) => StoredStatus::Error(self.text(text.into(), limits)),
            Status::Error(Value::Copied(text)) => StoredStatus::Error(self.text(Name::copied(text), limits)),
            Status::Error(value) => {
                let text = value.to_string();
                StoredStatus::Error(self.text(Name::copied(&text), limits))
            }
            // A kind of status that was added to the API later.
            _ => StoredStatus::Unset,
        };
    }

    #[inline(never)]
    fn text(&mut self, text: Name<'_>, limits: &Limits) -> Text {
        self.has_rare = true;
        self.rare.arena.store(text, limits)
    }

    /// Copies the text that is still used to a new arena.
    #[cold]
    fn compact(&mut self) {
        let old = self.rare.arena.take_text();
        let mut copy = |text: &mut Text| *text = self.rare.arena.copy_from(&old, *text);
        copy(&mut self.name);
        if let StoredStatus::Error(text) = &mut self.rare.status {
            copy(text);
        }
        self.rare.events.iter_mut().for_each(|event| copy(&mut event.name));
        self.rare.tag_ranges.for_each_text(&mut copy);
        self.tags.for_each_text(&mut copy);
    }

    /// Returns the size of the record in bytes, as counted by the queue's budget.
    #[inline]
    pub(crate) fn weight(&self) -> usize {
        let weight = size_of::<Record>() + self.tags.weight();
        if self.has_rare { weight + self.rare.arena.held_bytes() } else { weight }
    }

    /// Converts all times to wall time, and moves an end before the start to the start. Called before the record is read.
    pub(crate) fn settle(&mut self, anchor: &Anchor) {
        let start = anchor.wall(self.start);
        self.start = Moment::Wall(start);
        self.end = Moment::Wall(anchor.wall(self.end).max(start));
        if self.has_rare {
            for event in &mut self.rare.events {
                event.at = Moment::Wall(anchor.wall(event.at));
            }
        }
    }

    /// Prepares the record for another span: resets the fields that [`begin`](Self::begin) and [`finish`](Self::finish) do
    /// not write, and frees unusually large allocations.
    pub(crate) fn reset(&mut self) {
        self.context = Context::EMPTY;
        self.tags.reset();
        if std::mem::take(&mut self.has_rare) {
            self.rare.reset();
        }
    }
}

impl RareFields {
    fn reset(&mut self) {
        self.arena.reset();
        self.status = StoredStatus::Unset;
        self.events.clear();
        self.events.shrink_to(16);
        self.links = Vec::new();
        self.tag_ranges.reset();
        (self.dropped_events, self.dropped_links) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> (Record, Limits) {
        (Record::default(), Limits::default())
    }

    #[test]
    fn a_repeated_key_replaces_the_value_of_a_literal_or_copied_key() {
        let mut tag_index = TagIndex::EMPTY;
        let (mut record, limits) = record();
        let key = String::from("k");
        record.set_tags(&[Tag::new("k", 1)], &mut tag_index, &limits);
        record.set_tags(&[Tag::new(&key, "two")], &mut tag_index, &limits);
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tags().collect::<Vec<_>>(), [("k", Value::Copied("two"))]);
    }

    #[test]
    fn a_repeated_key_replaces_the_value_of_a_cut_key() {
        let mut tag_index = TagIndex::EMPTY;
        let (mut record, mut limits) = record();
        limits.text_bytes = 4;
        let key = String::from("aééé");
        record.set_tags(
            &[Tag::new("aééé", 1), Tag::new(&key, 2), Tag::new("aééé", 3)],
            &mut tag_index,
            &limits,
        );
        record.set_tags(&[Tag::new("aé", 4), Tag::new("b", 5), Tag::new("aéß", 6)], &mut tag_index, &limits);
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tags().collect::<Vec<_>>(), [("aé", Value::I64(6)), ("b", Value::I64(5))]);
    }

    /// Compares tags with a plain list: few and many tags, literal and copied keys, new and reused records.
    #[test]
    fn each_key_is_stored_once_for_any_number_of_tags() {
        const KEYS: usize = if cfg!(miri) { 80 } else { 400 };
        let key = |n: usize| format!("{}{n}", ["", "k", "key.", "a.longer.key.of.number."][n % 4]);
        let literals: Vec<&'static str> = (0..KEYS).map(|n| &*key(n).leak()).collect();
        let cases = [(65, 1), (0, 1), (1, 1), (3, 1), (64, 2), (65, 2), (128, 2), (300, 2)];
        for (max_tags, times) in cases.into_iter().take(if cfg!(miri) { 1 } else { cases.len() }) {
            let limits = Limits { tags: max_tags, ..Limits::default() };
            let mut record = Box::<Record>::default();
            for _ in 0..times {
                let mut tag_index = TagIndex::EMPTY;
                let (mut expected, mut dropped) = (Vec::new(), 0);
                // 37 is coprime to the number of keys, so every key occurs, unordered, and some occur twice.
                for (value, n) in (0..KEYS + 100).map(|n| n * 37 % KEYS).enumerate() {
                    let copied = key(n);
                    let name = if value % 3 == 0 { Name::Copied(&copied) } else { Name::Static(literals[n]) };
                    let value = Value::from(value);
                    match value {
                        _ if n % 2 == 0 => record.set_tags(&[Tag::new(name, value)], &mut tag_index, &limits),
                        _ if record.set_tag_fast(&name, &value, &mut tag_index, &limits) => {}
                        _ => record.set_tag(&name, &value, &mut tag_index, &limits),
                    }
                    match expected.iter().position(|(key, _)| *key == literals[n]) {
                        Some(index) => expected[index].1 = value,
                        None if expected.len() >= max_tags as usize => dropped += 1,
                        None => expected.push((literals[n], value)),
                    }
                }
                let finished = FinishedSpan::from(record);
                assert_eq!(finished.tags().collect::<Vec<_>>(), expected, "limit {max_tags}");
                assert_eq!(finished.dropped_tags(), dropped, "limit {max_tags}");
                record = finished.into_record();
                record.reset();
            }
        }
    }

    #[test]
    fn replacing_text_many_times_takes_bounded_memory() {
        let mut tag_index = TagIndex::EMPTY;
        let (mut record, limits) = record();
        record.update(Update::Name(Name::copied("name")), &limits, &Clock::system());
        let times = if cfg!(miri) { 1_000 } else { 100_000 };
        let mut text = String::new();
        for n in 0..times {
            text = format!("value {n} of some length");
            record.set_tags(&[Tag::new("k", &text)], &mut tag_index, &limits);
        }
        assert!(record.weight() < 32 * 1024, "{}", record.weight());
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.name(), "name");
        assert_eq!(finished.tag("k"), Some(Value::Copied(text.as_str())));
    }

    #[test]
    fn text_is_cut_between_characters_and_counted() {
        let mut tag_index = TagIndex::EMPTY;
        let (mut record, mut limits) = record();
        limits.text_bytes = 4;
        record.set_tags(&[Tag::new("k", "aééé")], &mut tag_index, &limits);
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tag("k"), Some(Value::Copied("aé")));
        assert_eq!(finished.truncated(), 1);
    }

    #[test]
    fn data_over_a_limit_is_counted() {
        let mut tag_index = TagIndex::EMPTY;
        let (mut record, mut limits) = record();
        (limits.tags, limits.events, limits.links, limits.event_tags) = (1, 1, 1, 1);
        let tags = anytrace_api::tags! { "a" => 1, "b" => 2, "a" => 3 };
        record.set_tags(&tags, &mut tag_index, &limits);
        for _ in 0..2 {
            record.update(Update::Event(Event::new("e").tags(&tags)), &limits, &Clock::system());
        }
        let to = Context::EMPTY;
        record.update(Update::Link(Link::to(&to)), &limits, &Clock::system());
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tag("a"), Some(Value::I64(3)));
        let dropped = (finished.dropped_tags(), finished.dropped_events(), finished.dropped_links());
        assert_eq!(dropped, (1, 1, 1));
        assert_eq!(finished.events().next().unwrap().dropped_tags(), 1);
    }

    #[test]
    fn ok_is_final_and_an_error_is_replaced() {
        let (mut record, limits) = record();
        record.set_status(Status::error("one"), &limits);
        record.set_status(Status::error("two"), &limits);
        let error = FinishedSpan::from(Box::new(record.clone()));
        assert_eq!(error.status(), Some(Status::error("two")));
        record.set_status(Status::failed(), &limits);
        let error = FinishedSpan::from(Box::new(record.clone()));
        assert_eq!(
            error.status(),
            Some(Status::error("two")),
            "an error without a message does not replace a message"
        );
        record.set_status(Status::Ok, &limits);
        record.set_status(Status::error("three"), &limits);
        assert_eq!(FinishedSpan::from(Box::new(record)).status(), Some(Status::Ok));
    }

    #[test]
    fn an_end_is_never_before_the_start() {
        let (mut record, _) = record();
        record.start = Moment::Wall(7);
        record.end = Moment::Wall(5);
        record.settle(&Anchor::current());
        assert_eq!(FinishedSpan::from(Box::new(record)).duration(), std::time::Duration::ZERO);
    }
}
