//! Spans of every form.

use std::time::{Duration, SystemTime};

use anytrace_api::{
    Context, Event, InstrumentationScope, Kind, Link, Name, Operation, Sampling, SpanId, Status, Tag,
    TraceId, TracerExt, Value,
};
use anytrace_recorder::{FinishedSpan, Limits, MemoryRecorder, RecordingTracer};
use proptest::{collection::vec, option, prelude::*};

use crate::harness::LONG;

static SCOPES: [InstrumentationScope; 4] = [
    InstrumentationScope::new("a library", "1.2.3"),
    InstrumentationScope::new("another", ""),
    InstrumentationScope::new("", ""),
    // Equal, and elsewhere.
    InstrumentationScope::new("a library", "1.2.3"),
];

/// An update of a span.
#[derive(Clone, Debug, Default)]
pub(super) struct SpanUpdate {
    name: String,
    kind: u8,
    origin: Option<usize>,
    parent: Option<Other>,
    start: i64,
    took: u32,
    tags: Tags,
    events: Vec<(String, i64, Tags)>,
    links: Vec<(Other, Tags)>,
    status: Option<Result<(), String>>,
    is_dropped: bool,
}

type Tags = Vec<(String, Held)>;

/// Another span.
#[derive(Clone, Debug, Default)]
pub(super) struct Other {
    ids: Option<(u128, u64)>,
    sampling: u8,
    is_random: bool,
    is_remote: bool,
    states: u8,
}

/// A value that owns what it holds.
#[derive(Clone, Debug)]
pub(super) enum Held {
    Absent,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Fixed,
    Text(String),
    Bytes(Vec<u8>),
    Bools(Vec<bool>),
    I64s(Vec<i64>),
    F64s(Vec<f64>),
    Texts(Vec<String>),
}

impl SpanUpdate {
    pub(super) fn named(name: &str) -> Self {
        SpanUpdate { name: name.to_owned(), start: 1, ..SpanUpdate::default() }
    }

    pub(super) fn tagged(key: &str, text: &str) -> Self {
        let tags = vec![(key.to_owned(), Held::Text(text.to_owned()))];
        SpanUpdate { tags: tags.clone(), events: vec![(String::new(), 2, tags)], ..SpanUpdate::named("") }
    }
}

pub(super) fn span_update() -> impl Strategy<Value = SpanUpdate> {
    let what = (any::<String>(), any::<u8>(), option::of(0..SCOPES.len()), option::of(other()));
    let when = (any::<i64>(), any::<u32>(), any::<bool>());
    let status = option::of(Just(Ok(())).boxed().prop_union(any::<String>().prop_map(Err).boxed()));
    let events = vec((any::<String>(), any::<i64>(), tags()), 0..4);
    (what, when, tags(), events, vec((other(), tags()), 0..4), status).prop_map(
        |((name, kind, origin, parent), (start, took, is_dropped), tags, events, links, status)| SpanUpdate {
            name,
            kind,
            origin,
            parent,
            start,
            took,
            tags,
            events,
            links,
            status,
            is_dropped,
        },
    )
}

fn tags() -> impl Strategy<Value = Tags> {
    let key = prop_oneof![9 => any::<String>(), 1 => Just("anytrace.end_reason".to_owned())];
    vec((key, held()), 0..6)
}

fn held() -> impl Strategy<Value = Held> {
    prop_oneof![
        Just(Held::Absent),
        Just(Held::Fixed),
        any::<bool>().prop_map(Held::Bool),
        any::<i64>().prop_map(Held::I64),
        (-200_i64..200).prop_map(Held::I64),
        any::<u64>().prop_map(Held::U64),
        prop::num::f64::ANY.prop_map(Held::F64),
        any::<String>().prop_map(Held::Text),
        vec(any::<u8>(), 0..300).prop_map(Held::Bytes),
        vec(any::<bool>(), 0..5).prop_map(Held::Bools),
        vec(any::<i64>(), 0..20).prop_map(Held::I64s),
        vec(prop::num::f64::ANY, 0..5).prop_map(Held::F64s),
        vec(any::<String>(), 0..5).prop_map(Held::Texts),
    ]
}

fn other() -> impl Strategy<Value = Other> {
    let ids = option::weighted(0.9, (1..=u128::MAX, 1..=u64::MAX));
    let rest = (0..4_u8, any::<bool>(), any::<bool>(), 0..3_u8);
    (ids, rest).prop_map(|(ids, (sampling, is_random, is_remote, states))| Other {
        ids,
        sampling,
        is_random,
        is_remote,
        states,
    })
}

impl Other {
    fn context(&self) -> Context {
        let sampling = [Sampling::Record, Sampling::Debug, Sampling::Defer, Sampling::Drop];
        let sampling = sampling[usize::from(self.sampling)];
        let Some((trace, span)) = self.ids else { return Context::default() };
        let (trace, span) = (TraceId::from_u128(trace).unwrap(), SpanId::from_u64(span).unwrap());
        let make = if self.is_remote { Context::remote } else { Context::new };
        let states = ["", "a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"];
        let state = states[usize::from(self.states)].parse().unwrap_or_default();
        make(trace, span, sampling).with_random(self.is_random).with_trace_state(state)
    }
}

impl Held {
    fn value(&self) -> Value<'_> {
        match self {
            Held::Absent => Value::Absent,
            Held::Bool(value) => Value::Bool(*value),
            Held::I64(value) => Value::I64(*value),
            Held::U64(value) => Value::U64(*value),
            Held::F64(value) => Value::F64(*value),
            Held::Fixed => Value::Static("of the program"),
            Held::Text(text) => text.into(),
            Held::Bytes(bytes) => Value::Bytes(bytes),
            Held::Bools(list) => list.into(),
            Held::I64s(list) => list.into(),
            Held::F64s(list) => list.into(),
            Held::Texts(list) => list.into(),
        }
    }
}

fn lent(tags: &[(String, Held)]) -> Vec<Tag<'_>> {
    tags.iter().map(|(key, held)| Tag::new(key, held.value())).collect()
}

/// Also before the epoch, as far as that goes.
fn at(nanos: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanos.unsigned_abs());
    let time = if nanos < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The spans that a tracer makes of it. Some things are too many for its limits, and are counted.
pub(super) fn finished(updates: &[SpanUpdate]) -> Vec<FinishedSpan> {
    let memory = MemoryRecorder::new();
    let mut limits = Limits::default();
    (limits.tags, limits.events, limits.links, limits.event_tags, limits.link_tags) = (4, 2, 2, 2, 2);
    limits.text_bytes = 4 * 1024 * 1024;
    let tracer = RecordingTracer::builder(memory.clone()).limits(limits).without_thread().build();
    for update in updates {
        span(&tracer, update);
    }
    assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
    memory.take()
}

fn span(tracer: &RecordingTracer, update: &SpanUpdate) {
    let kinds = [Kind::Internal, Kind::Server, Kind::Client, Kind::Producer, Kind::Consumer];
    let tags = lent(&update.tags);
    let operation = Operation::new(Name::copied(&update.name), kinds[usize::from(update.kind) % kinds.len()]);
    let operation = operation.tags(&tags).start_at(at(update.start));
    let operation = match update.origin {
        Some(origin) => operation.instrumentation_scope(&SCOPES[origin]),
        None => operation,
    };
    let parent = update.parent.as_ref().map_or_else(Context::default, Other::context);
    let span = tracer.join_trace(operation, &parent);
    for (name, time, tags) in &update.events {
        span.event_with(Event::new(name).at(at(*time)).tags(&lent(tags)));
    }
    for (other, tags) in &update.links {
        span.link(Link::to(&other.context()).tags(&lent(tags)));
    }
    match &update.status {
        Some(Ok(())) => _ = span.set_status(Status::Ok),
        Some(Err(why)) => _ = span.set_status(Status::error(why)),
        None => {}
    }
    if update.is_dropped {
        drop(span);
    } else {
        span.finish_at(at(update.start.saturating_add(update.took.into())));
    }
}
