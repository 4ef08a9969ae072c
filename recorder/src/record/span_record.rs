//! The record of one span.

use std::panic::Location;

use anytrace_api::{
    Context, EndReason, InstrumentationScope, Kind, Link, Name, Operation, Tag, Value,
    backend::{End, Update},
};

use super::{
    arena::Text,
    limits::Limits,
    parent_link::ParentLink,
    rare_fields::RareFields,
    tags::{TagIndex, Tags},
};
use crate::clock::{Anchor, Clock, Moment};

/// The data of a span, from its start until its delivery. Records are reused for other spans and keep their
/// allocations.
///
/// The fields that every span writes come first and next to each other, so that they share few cache lines.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Record {
    pub(super) start: Moment,
    pub(super) end: Moment,
    pub(crate) context: Context,
    pub(crate) parent_link: ParentLink,
    pub(super) name: Text,
    pub(super) instrumentation_scope: Option<&'static InstrumentationScope>,
    pub(super) location: Option<&'static Location<'static>>,
    pub(super) kind: Kind,
    pub(super) end_reason: EndReason,
    /// Set before `rare` is written, so that a record without such data is reset without reading it.
    has_rare: bool,
    pub(super) tags: Tags,
    pub(super) rare: RareFields,
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
            Update::Event(event) => self.rare.add_event(event, limits, clock),
            Update::Link(link) => self.rare.add_link(link, limits),
            Update::Status(status) => self.rare.set_status(status, limits),
            _ => return false,
        }
        if self.rare.arena.needs_compaction() {
            self.compact();
        }
        true
    }

    #[inline(never)]
    fn add_links(&mut self, links: &[Link<'_>], limits: &Limits) {
        self.has_rare = true;
        for link in links {
            self.rare.add_link(*link, limits);
        }
    }

    #[inline(never)]
    fn text(&mut self, text: Name<'_>, limits: &Limits) -> Text {
        self.has_rare = true;
        self.rare.arena.store(text, limits)
    }

    /// Copies the text that is still used to a new arena.
    #[cold]
    fn compact(&mut self) {
        let (name, tags) = (&mut self.name, &mut self.tags);
        self.rare.compact(|copy| {
            copy(name);
            tags.for_each_text(copy);
        });
    }

    /// Returns the size of the record in bytes, as counted by the queue's budget.
    #[inline]
    pub(crate) fn weight(&self) -> usize {
        let weight = size_of::<Record>() + self.tags.weight();
        if self.has_rare { weight + self.rare.arena.held_bytes() } else { weight }
    }

    /// Converts all times to wall time, and moves an end before the start to the start. Called before the record is
    /// read.
    pub(crate) fn settle(&mut self, anchor: &Anchor) {
        let start = anchor.wall(self.start);
        self.start = Moment::Wall(start);
        self.end = Moment::Wall(anchor.wall(self.end).max(start));
        if self.has_rare {
            self.rare.settle(anchor);
        }
    }

    /// Prepares the record for another span: resets the fields that [`begin`](Self::begin) and [`finish`](Self::finish)
    /// do not write, and frees unusually large allocations.
    pub(crate) fn reset(&mut self) {
        self.context = Context::EMPTY;
        self.tags.reset();
        if std::mem::take(&mut self.has_rare) {
            self.rare.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use anytrace_api::{Event, Status};

    use super::*;
    use crate::FinishedSpan;

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
        record.rare.set_status(Status::error("one"), &limits);
        record.rare.set_status(Status::error("two"), &limits);
        let error = FinishedSpan::from(Box::new(record.clone()));
        assert_eq!(error.status(), Some(Status::error("two")));
        record.rare.set_status(Status::failed(), &limits);
        let error = FinishedSpan::from(Box::new(record.clone()));
        assert_eq!(
            error.status(),
            Some(Status::error("two")),
            "an error without a message does not replace a message"
        );
        record.rare.set_status(Status::Ok, &limits);
        record.rare.set_status(Status::error("three"), &limits);
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
