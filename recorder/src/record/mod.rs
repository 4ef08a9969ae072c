//! What is recorded of a span.

mod arena;
mod finished;
mod list;
mod places;
mod run;
mod slot;
mod table;
mod tags;

use std::panic::Location;

use anytrace_api::{
    Context, EndReason, Event, InstrumentationScope, Kind, Link, Name, Operation, SpanId, Status, Tag, Value,
    backend::{End, Update},
};

use self::{
    arena::{Arena, Text},
    run::{Run, Runs},
    tags::Tags,
};
use crate::{
    clock::{Anchor, Clock, Moment},
    limits::Limits,
};

pub use self::finished::{FinishedEvent, FinishedLink, FinishedSpan};
pub(crate) use self::places::Places;

/// What is recorded of a span, while it is open and until it is delivered. It is used again for another span, so that
/// its parts keep the room they once took.
///
/// In this order: what every span writes lies together, since it costs more to get at memory than to write it.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Record {
    start: Moment,
    end: Moment,
    pub(crate) context: Context,
    pub(crate) above: Above,
    name: Text,
    instrumentation_scope: Option<&'static InstrumentationScope>,
    location: Option<&'static Location<'static>>,
    kind: Kind,
    end_reason: EndReason,
    /// There may be something in `more`.
    has_more: bool,
    tags: Tags,
    more: More,
}

/// What most spans do not have.
#[derive(Clone, Debug)]
struct More {
    /// Text that does not live as long as the program, and lists.
    arena: Arena,
    status: Outcome,
    events: Vec<EventSlot>,
    links: Vec<LinkSlot>,
    /// The tags of both.
    runs: Runs,
    dropped_events: u32,
    dropped_links: u32,
}

/// What a span is beneath.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Above {
    pub(crate) parent: Option<SpanId>,
    /// The parent is a span of another process.
    pub(crate) is_remote: bool,
    /// It is the caller's span itself, whose other half this is.
    pub(crate) is_shared: bool,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Unset,
    Ok,
    Error(Text),
}

#[derive(Clone, Debug)]
struct EventSlot {
    name: Text,
    at: Moment,
    tags: Run,
}

#[derive(Clone, Debug)]
struct LinkSlot {
    to: Context,
    tags: Run,
}

impl Default for Record {
    fn default() -> Self {
        Record {
            start: Moment::Wall(0),
            end: Moment::Wall(0),
            context: Context::EMPTY,
            above: Above::default(),
            name: Text::EMPTY,
            instrumentation_scope: None,
            location: None,
            kind: Kind::Internal,
            end_reason: EndReason::Finished,
            has_more: false,
            tags: Tags::default(),
            more: More::default(),
        }
    }
}

impl Default for More {
    fn default() -> Self {
        More {
            arena: Arena::default(),
            status: Outcome::Unset,
            events: Vec::new(),
            links: Vec::new(),
            runs: Runs::default(),
            dropped_events: 0,
            dropped_links: 0,
        }
    }
}

impl Record {
    /// Begins a span in an empty record.
    #[inline]
    pub(crate) fn begin(
        &mut self,
        operation: &Operation<'_>,
        places: &mut Places,
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
            let usual = self.set_new_tags(operation.tags, places, limits);
            if usual < operation.tags.len() {
                self.set_tags(&operation.tags[usual..], places, limits);
            }
        }
        if !operation.links.is_empty() {
            self.add_links(operation.links, limits);
        }
        // Last, so that a span does not measure its own beginning.
        self.start = operation.start.map_or_else(|| clock.moment(), Moment::from);
    }

    /// Whether tags were set.
    #[inline]
    pub(crate) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    #[inline]
    pub(crate) fn finish(&mut self, end: End, clock: &Clock) {
        self.end = end.at.map_or_else(|| clock.moment(), Moment::from);
        self.end_reason = end.reason;
    }

    /// Sets a tag where it is the usual case, which is short; else false.
    #[inline]
    pub(crate) fn set_usual_tag(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        places: &mut Places,
        limits: &Limits,
    ) -> bool {
        self.tags.set_usual(key, value, places, limits)
    }

    pub(crate) fn set_tag(
        &mut self,
        key: &Name<'_>,
        value: &Value<'_>,
        places: &mut Places,
        limits: &Limits,
    ) {
        self.has_more = true;
        if !self.tags.set_literal(key, value, places, &mut self.more.arena, limits) {
            self.tags.set(key, value, places, &mut self.more.arena, limits);
        }
        if self.more.arena.is_wasteful() {
            self.compact();
        }
    }

    /// Sets the tags that are the usual case, up to the first that is not. Says how many these are.
    #[inline]
    pub(crate) fn set_new_tags(&mut self, tags: &[Tag<'_>], places: &mut Places, limits: &Limits) -> usize {
        self.tags.set_new_ones(tags, places, limits)
    }

    #[inline(never)]
    pub(crate) fn set_tags(&mut self, tags: &[Tag<'_>], places: &mut Places, limits: &Limits) {
        self.has_more = true;
        self.tags.set_all(tags, places, &mut self.more.arena, limits);
        if self.more.arena.is_wasteful() {
            self.compact();
        }
    }

    /// False for an update that is not known here.
    pub(crate) fn update(&mut self, update: Update<'_>, limits: &Limits, clock: &Clock) -> bool {
        self.has_more = true;
        match update {
            Update::Name(name) => {
                self.more.arena.waste(self.name);
                self.name = self.text(name, limits);
            }
            Update::Event(event) => self.add_event(event, limits, clock),
            Update::Link(link) => self.add_link(link, limits),
            Update::Status(status) => self.set_status(status, limits),
            _ => return false,
        }
        if self.more.arena.is_wasteful() {
            self.compact();
        }
        true
    }

    fn add_event(&mut self, event: Event<'_>, limits: &Limits, clock: &Clock) {
        if self.more.events.len() >= limits.events as usize {
            self.more.dropped_events = self.more.dropped_events.saturating_add(1);
            return;
        }
        let name = self.text(event.name, limits);
        let at = event.at.map_or_else(|| clock.moment(), Moment::from);
        let tags = self.more.runs.add(event.tags, limits.event_tags, &mut self.more.arena, limits);
        self.more.arena.count_held(size_of::<EventSlot>(), 0);
        self.more.events.push(EventSlot { name, at, tags });
    }

    #[inline(never)]
    fn add_links(&mut self, links: &[Link<'_>], limits: &Limits) {
        self.has_more = true;
        for link in links {
            self.add_link(*link, limits);
        }
    }

    fn add_link(&mut self, link: Link<'_>, limits: &Limits) {
        let to = link.to.context();
        if to.trace_id().is_none() || self.more.links.len() >= limits.links as usize {
            self.more.dropped_links = self.more.dropped_links.saturating_add(1);
            return;
        }
        let tags = self.more.runs.add(link.tags, limits.link_tags, &mut self.more.arena, limits);
        self.more.arena.count_held(size_of::<LinkSlot>(), 0);
        self.more.links.push(LinkSlot { to: to.identity(), tags });
    }

    /// `Ok` is final; a later error replaces an earlier one, unless only the earlier one says why.
    fn set_status(&mut self, status: Status<'_>, limits: &Limits) {
        let old = match self.more.status {
            Outcome::Ok => return,
            Outcome::Error(_) if matches!(status, Status::Error(Value::Absent)) => return,
            Outcome::Error(text) => text,
            Outcome::Unset => Text::EMPTY,
        };
        self.more.arena.waste(old);
        self.more.status = match status {
            Status::Ok => Outcome::Ok,
            Status::Error(Value::Static(text)) => Outcome::Error(self.text(text.into(), limits)),
            Status::Error(Value::Copied(text)) => Outcome::Error(self.text(Name::copied(text), limits)),
            Status::Error(value) => {
                let text = value.to_string();
                Outcome::Error(self.text(Name::copied(&text), limits))
            }
            // A status that this version does not know says nothing.
            _ => Outcome::Unset,
        };
    }

    #[inline(never)]
    fn text(&mut self, text: Name<'_>, limits: &Limits) -> Text {
        self.has_more = true;
        self.more.arena.keep(text, limits)
    }

    /// Brings what is still used of the arena together.
    #[cold]
    fn compact(&mut self) {
        let old = self.more.arena.replace();
        let mut keep = |text: &mut Text| *text = self.more.arena.copy_from(&old, *text);
        keep(&mut self.name);
        if let Outcome::Error(text) = &mut self.more.status {
            keep(text);
        }
        self.more.events.iter_mut().for_each(|event| keep(&mut event.name));
        self.more.runs.for_each_text(&mut keep);
        self.tags.for_each_text(&mut keep);
    }

    /// What it takes of the memory that the queue may use, in bytes.
    #[inline]
    pub(crate) fn weight(&self) -> usize {
        let weight = size_of::<Record>() + self.tags.weight();
        if self.has_more { weight + self.more.arena.held() } else { weight }
    }

    /// Makes it ready to be read: all times are wall times, and no end is before its start.
    pub(crate) fn settle(&mut self, anchor: &Anchor) {
        let start = anchor.wall(self.start);
        self.start = Moment::Wall(start);
        self.end = Moment::Wall(anchor.wall(self.end).max(start));
        if self.has_more {
            for event in &mut self.more.events {
                event.at = Moment::Wall(anchor.wall(event.at));
            }
        }
    }

    /// Makes it ready for another span: whatever [`begin`](Self::begin) and [`finish`](Self::finish) do not write. What
    /// grew beyond use is given back.
    pub(crate) fn reset(&mut self) {
        self.context = Context::EMPTY;
        self.tags.reset();
        if std::mem::take(&mut self.has_more) {
            self.more.reset();
        }
    }
}

impl More {
    fn reset(&mut self) {
        self.arena.reset();
        self.status = Outcome::Unset;
        self.events.clear();
        self.events.shrink_to(16);
        self.links = Vec::new();
        self.runs.reset();
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
    fn a_repeated_key_replaces_wherever_its_text_lives() {
        let mut places = Places::EMPTY;
        let (mut record, limits) = record();
        let key = String::from("k");
        record.set_tags(&[Tag::new("k", 1)], &mut places, &limits);
        record.set_tags(&[Tag::new(&key, "two")], &mut places, &limits);
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tags().collect::<Vec<_>>(), [("k", Value::Copied("two"))]);
    }

    #[test]
    fn a_repeated_key_replaces_also_when_it_is_cut() {
        let mut places = Places::EMPTY;
        let (mut record, mut limits) = record();
        limits.text_bytes = 4;
        let key = String::from("aééé");
        record.set_tags(&[Tag::new("aééé", 1), Tag::new(&key, 2), Tag::new("aééé", 3)], &mut places, &limits);
        record.set_tags(&[Tag::new("aé", 4), Tag::new("b", 5), Tag::new("aéß", 6)], &mut places, &limits);
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tags().collect::<Vec<_>>(), [("aé", Value::I64(6)), ("b", Value::I64(5))]);
    }

    /// However many there are, and whether their keys are literals or not, tags are what a plain list would hold; also in
    /// a record that is used again.
    #[test]
    fn however_many_tags_there_are_each_key_is_there_once() {
        const KEYS: usize = if cfg!(miri) { 80 } else { 400 };
        let key = |n: usize| format!("{}{n}", ["", "k", "key.", "a.longer.key.of.number."][n % 4]);
        let literals: Vec<&'static str> = (0..KEYS).map(|n| &*key(n).leak()).collect();
        let cases = [(65, 1), (0, 1), (1, 1), (3, 1), (64, 2), (65, 2), (128, 2), (300, 2)];
        for (most, times) in cases.into_iter().take(if cfg!(miri) { 1 } else { cases.len() }) {
            let limits = Limits { tags: most, ..Limits::default() };
            let mut record = Box::<Record>::default();
            for _ in 0..times {
                let mut places = Places::EMPTY;
                let (mut expected, mut dropped) = (Vec::new(), 0);
                // 37 is prime to the number of keys: all of them come, in no order, and some twice.
                for (value, n) in (0..KEYS + 100).map(|n| n * 37 % KEYS).enumerate() {
                    let copied = key(n);
                    let name = if value % 3 == 0 { Name::Copied(&copied) } else { Name::Static(literals[n]) };
                    let value = Value::from(value);
                    match value {
                        _ if n % 2 == 0 => record.set_tags(&[Tag::new(name, value)], &mut places, &limits),
                        _ if record.set_usual_tag(&name, &value, &mut places, &limits) => {}
                        _ => record.set_tag(&name, &value, &mut places, &limits),
                    }
                    match expected.iter().position(|(known, _)| *known == literals[n]) {
                        Some(index) => expected[index].1 = value,
                        None if expected.len() >= most as usize => dropped += 1,
                        None => expected.push((literals[n], value)),
                    }
                }
                let finished = FinishedSpan::from(record);
                assert_eq!(finished.tags().collect::<Vec<_>>(), expected, "at most {most}");
                assert_eq!(finished.dropped_tags(), dropped, "at most {most}");
                record = finished.into_record();
                record.reset();
            }
        }
    }

    #[test]
    fn replacing_text_for_ever_takes_no_more_room() {
        let mut places = Places::EMPTY;
        let (mut record, limits) = record();
        record.update(Update::Name(Name::copied("name")), &limits, &Clock::system());
        let times = if cfg!(miri) { 1_000 } else { 100_000 };
        let mut text = String::new();
        for n in 0..times {
            text = format!("value {n} of some length");
            record.set_tags(&[Tag::new("k", &text)], &mut places, &limits);
        }
        assert!(record.weight() < 32 * 1024, "{}", record.weight());
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.name(), "name");
        assert_eq!(finished.tag("k"), Some(Value::Copied(text.as_str())));
    }

    #[test]
    fn text_is_cut_between_characters_and_counted() {
        let mut places = Places::EMPTY;
        let (mut record, mut limits) = record();
        limits.text_bytes = 4;
        record.set_tags(&[Tag::new("k", "aééé")], &mut places, &limits);
        let finished = FinishedSpan::from(Box::new(record));
        assert_eq!(finished.tag("k"), Some(Value::Copied("aé")));
        assert_eq!(finished.truncated(), 1);
    }

    #[test]
    fn what_is_over_a_limit_is_counted() {
        let mut places = Places::EMPTY;
        let (mut record, mut limits) = record();
        (limits.tags, limits.events, limits.links, limits.event_tags) = (1, 1, 1, 1);
        let tags = anytrace_api::tags! { "a" => 1, "b" => 2, "a" => 3 };
        record.set_tags(&tags, &mut places, &limits);
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
        assert_eq!(error.status(), Some(Status::error("two")), "what says why is kept");
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
