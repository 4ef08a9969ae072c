//! Buffers spans until their trace is complete.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use anytrace_api::{SpanId, TraceId};

use crate::entry::Entry;

/// The number of drawn traces that are remembered, to mark later spans as continued.
const MAX_KNOWN: usize = 1024;

/// Spans grouped by trace. Callers pass the current time.
#[derive(Debug)]
pub(crate) struct TraceBuffer {
    pub(crate) linger: Duration,
    pub(crate) max_traces: usize,
    pub(crate) max_spans: usize,
    waiting: HashMap<TraceId, Waiting>,
    spans: usize,
    number: u64,
    known: HashSet<TraceId>,
    known_in_order: VecDeque<TraceId>,
}

#[derive(Debug)]
struct Waiting {
    /// The position in the order of arrival.
    number: u64,
    entries: Vec<Entry>,
    /// The arrival of the latest span.
    latest: Instant,
    batches: Vec<(u64, usize)>,
}

/// A trace that has been taken out of the buffer for drawing.
#[derive(Debug)]
pub(crate) struct CompletedTrace {
    pub(crate) trace: TraceId,
    pub(crate) is_continued: bool,
    pub(crate) entries: Vec<Entry>,
    batches: Vec<(u64, usize)>,
}

impl CompletedTrace {
    /// Returns the number of spans that arrived with `batch`.
    pub(crate) fn of_batch(&self, batch: u64) -> usize {
        self.batches.iter().filter(|(number, _)| *number == batch).map(|(_, spans)| spans).sum()
    }
}

/// The other clones of a console, which can have spans of the same trace.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Others {
    /// There are no other clones.
    None,
    /// There are other clones; the time is the earliest last contact of any of them.
    Since(Option<Instant>),
}

impl Default for TraceBuffer {
    fn default() -> Self {
        TraceBuffer {
            linger: Duration::from_millis(250),
            max_traces: 256,
            max_spans: 50_000,
            waiting: HashMap::new(),
            spans: 0,
            number: 0,
            known: HashSet::new(),
            known_in_order: VecDeque::new(),
        }
    }
}

impl TraceBuffer {
    /// Adds a span of `batch`.
    pub(crate) fn add(&mut self, trace: TraceId, entry: Entry, batch: u64, now: Instant) {
        let number = self.number;
        let waiting = self.waiting.entry(trace).or_insert_with(|| Waiting {
            number,
            entries: Vec::new(),
            latest: now,
            batches: Vec::new(),
        });
        self.number += 1;
        self.spans += 1;
        waiting.entries.push(entry);
        waiting.latest = now;
        match waiting.batches.last_mut() {
            Some((number, spans)) if *number == batch => *spans += 1,
            _ => waiting.batches.push((batch, 1)),
        }
    }

    /// Returns whether the buffer exceeds a limit.
    pub(crate) fn is_over_limit(&self) -> bool {
        self.waiting.len() > self.max_traces || self.spans > self.max_spans
    }

    /// Takes the oldest traces until the buffer is within its limits.
    pub(crate) fn take_excess(&mut self) -> Vec<CompletedTrace> {
        let mut taken = Vec::new();
        while self.is_over_limit() {
            let oldest = self.waiting.iter().min_by_key(|(_, waiting)| waiting.number);
            let Some(trace) = oldest.map(|(trace, _)| *trace) else { break };
            taken.extend(self.take(trace));
        }
        taken
    }

    /// Returns the traces that seem complete.
    pub(crate) fn complete(&self, others: Others, now: Instant) -> Vec<TraceId> {
        let mut complete: Vec<_> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.is_complete(self.linger, others, now))
            .collect();
        complete.sort_by_cached_key(|(_, waiting)| waiting.start_order());
        complete.into_iter().map(|(trace, _)| *trace).collect()
    }

    /// Takes all traces, in the order of their starts.
    pub(crate) fn take_all(&mut self) -> Vec<CompletedTrace> {
        let mut all: Vec<_> =
            self.waiting.iter().map(|(trace, waiting)| (waiting.start_order(), *trace)).collect();
        all.sort_unstable_by_key(|(start_order, _)| *start_order);
        all.into_iter().filter_map(|(_, trace)| self.take(trace)).collect()
    }

    /// Takes one trace.
    pub(crate) fn take(&mut self, trace: TraceId) -> Option<CompletedTrace> {
        let waiting = self.waiting.remove(&trace)?;
        self.spans -= waiting.entries.len();
        let is_continued = !self.known.insert(trace);
        if !is_continued {
            self.known_in_order.push_back(trace);
        }
        if self.known_in_order.len() > MAX_KNOWN {
            if let Some(oldest) = self.known_in_order.pop_front() {
                self.known.remove(&oldest);
            }
        }
        Some(CompletedTrace { trace, is_continued, entries: waiting.entries, batches: waiting.batches })
    }
}

impl Waiting {
    /// Returns the start of the first span, because spans of several threads and tracers arrive in any order.
    fn start_order(&self) -> (u64, u64) {
        let first = self.entries.iter().map(|entry| entry.start).min();
        (first.unwrap_or(u64::MAX), self.number)
    }

    fn is_complete(&self, linger: Duration, others: Others, now: Instant) -> bool {
        let idle = now.saturating_duration_since(self.latest);
        match others {
            _ if idle < linger => false,
            Others::None => self.has_root() || self.has_remote_root(),
            Others::Since(heard) if self.has_root() => heard.is_none_or(|heard| heard >= self.latest),
            // The parent can be an open span of another clone.
            Others::Since(_) => idle >= linger.saturating_mul(20) && self.has_remote_root(),
        }
    }

    fn has_root(&self) -> bool {
        self.entries.iter().any(|entry| entry.parent.is_none())
    }

    fn has_remote_root(&self) -> bool {
        let mut remote = self.entries.iter().filter(|entry| entry.parent_is_remote).peekable();
        if remote.peek().is_none() {
            return false;
        }
        let here: HashSet<SpanId> = self.entries.iter().map(|entry| entry.id).collect();
        remote.any(|entry| entry.parent.is_some_and(|parent| !here.contains(&parent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_api::{Context, Sampling, TracerExt};
    use anytrace_recorder::MockTracer;

    const TICK: Duration = Duration::from_millis(1);

    fn entry(parent: Option<bool>) -> Entry {
        let mock = MockTracer::new();
        let trace = TraceId::from_u128(1).unwrap();
        let id = SpanId::from_u64(77).unwrap();
        match parent {
            None => mock.start_trace("span").finish(),
            Some(true) => mock.join_trace("span", &Context::remote(trace, id, Sampling::Record)).finish(),
            Some(false) => mock.join_trace("span", &Context::new(trace, id, Sampling::Record)).finish(),
        }
        Entry::new(&mock.finished()[0], "service".into())
    }

    fn trace(number: u128) -> TraceId {
        TraceId::from_u128(number).unwrap()
    }

    fn complete_after(parents: &[Option<bool>], others: impl Fn(Instant) -> Others) -> Option<u32> {
        let mut buffer = TraceBuffer::default();
        let now = Instant::now();
        for parent in parents {
            buffer.add(trace(1), entry(*parent), 0, now);
        }
        let is_complete = |ms: &u32| !buffer.complete(others(now), now + TICK * *ms).is_empty();
        [0, 249, 250, 4_999, 5_000, 1_000_000].into_iter().find(is_complete)
    }

    #[test]
    fn a_trace_is_complete_after_its_root_arrived_and_the_linger_time_passed() {
        let alone = |_| Others::None;
        assert_eq!(complete_after(&[Some(false), None], alone), Some(250));
        assert_eq!(complete_after(&[Some(true)], alone), Some(250));
        assert_eq!(complete_after(&[Some(false)], alone), None);
    }

    #[test]
    fn with_other_clones_a_trace_is_complete_after_contact_with_all() {
        assert_eq!(complete_after(&[None], |_| Others::Since(None)), Some(250));
        assert_eq!(complete_after(&[None], |now| Others::Since(Some(now))), Some(250));
        assert_eq!(complete_after(&[None], |now| Others::Since(now.checked_sub(TICK))), None);
        assert_eq!(complete_after(&[Some(true)], |now| Others::Since(Some(now))), Some(5_000));
    }

    #[test]
    fn the_buffer_is_bounded_and_takes_the_oldest_trace_first() {
        let mut buffer = TraceBuffer { max_traces: 2, max_spans: 5, ..TraceBuffer::default() };
        let now = Instant::now();
        let numbers =
            |taken: Vec<CompletedTrace>| taken.iter().map(|one| one.trace.low()).collect::<Vec<_>>();
        for number in [3, 1, 2] {
            buffer.add(trace(number), entry(None), 0, now);
        }
        assert_eq!(numbers(buffer.take_excess()), [3]);
        for _ in 0..4 {
            buffer.add(trace(2), entry(None), 0, now);
        }
        assert_eq!(numbers(buffer.take_excess()), [1]);
        assert_eq!(numbers(buffer.take_excess()), [] as [u64; 0]);
        assert_eq!(numbers(buffer.take_all()), [2]);
        assert_eq!(buffer.spans, 0);
    }

    #[test]
    fn traces_are_taken_in_the_order_of_their_starts() {
        let mut buffer = TraceBuffer::default();
        let now = Instant::now();
        let (first, second) = (entry(None), entry(None));
        buffer.add(trace(2), second, 0, now);
        buffer.add(trace(1), first, 0, now);
        assert_eq!(buffer.complete(Others::None, now + buffer.linger), [trace(1), trace(2)]);
        let taken = buffer.take_all();
        assert_eq!(taken.iter().map(|one| one.trace).collect::<Vec<_>>(), [trace(1), trace(2)]);
    }

    #[test]
    fn later_spans_continue_a_drawn_trace() {
        let mut buffer = TraceBuffer::default();
        let now = Instant::now();
        let draw = |buffer: &mut TraceBuffer, number| {
            buffer.add(trace(number), entry(None), 9, now);
            buffer.take(trace(number)).map(|taken| (taken.is_continued, taken.of_batch(9), taken.of_batch(8)))
        };
        assert_eq!(draw(&mut buffer, 1), Some((false, 1, 0)));
        assert_eq!(draw(&mut buffer, 1), Some((true, 1, 0)));
        for number in 2..=MAX_KNOWN as u128 + 1 {
            draw(&mut buffer, number);
        }
        assert_eq!(draw(&mut buffer, 1), Some((false, 1, 0)));
        assert_eq!(buffer.known.len(), MAX_KNOWN);
    }
}
