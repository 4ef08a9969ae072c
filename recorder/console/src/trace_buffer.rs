//! The spans that wait until their trace is whole.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use anytrace_api::{SpanId, TraceId};

use crate::entry::Entry;

/// How many of the traces that were drawn last are known again.
const MOST_KNOWN: usize = 1024;

/// Spans by trace. Whoever asks says what time it is.
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
    /// In the order in which the traces were met.
    number: u64,
    entries: Vec<Entry>,
    /// When the last of them came, and in which batch.
    latest: Instant,
    batches: Vec<(u64, usize)>,
}

/// A trace that is to be drawn.
#[derive(Debug)]
pub(crate) struct CompletedTrace {
    pub(crate) trace: TraceId,
    pub(crate) is_continued: bool,
    pub(crate) entries: Vec<Entry>,
    batches: Vec<(u64, usize)>,
}

impl CompletedTrace {
    /// How many of its spans came with that batch.
    pub(crate) fn of_batch(&self, batch: u64) -> usize {
        self.batches.iter().filter(|(number, _)| *number == batch).map(|(_, spans)| spans).sum()
    }
}

/// Who else may have spans of a trace.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Others {
    /// Nobody.
    None,
    /// Others, and this is when the one that was silent for longest was heard.
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
    /// Keeps a span of `batch`.
    pub(crate) fn keep(&mut self, trace: TraceId, entry: Entry, batch: u64, now: Instant) {
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

    /// Is there more than may be kept?
    pub(crate) fn is_too_much(&self) -> bool {
        self.waiting.len() > self.max_traces || self.spans > self.max_spans
    }

    /// Takes the oldest until there is no more than may be kept.
    pub(crate) fn take_too_much(&mut self) -> Vec<CompletedTrace> {
        let mut taken = Vec::new();
        while self.is_too_much() {
            let oldest = self.waiting.iter().min_by_key(|(_, waiting)| waiting.number);
            let Some(trace) = oldest.map(|(trace, _)| *trace) else { break };
            taken.extend(self.take(trace));
        }
        taken
    }

    /// The traces that are whole, as far as one can know.
    pub(crate) fn whole(&self, others: Others, now: Instant) -> Vec<TraceId> {
        let mut whole: Vec<_> =
            self.waiting.iter().filter(|(_, waiting)| waiting.is_whole(self.linger, others, now)).collect();
        whole.sort_by_cached_key(|(_, waiting)| waiting.begun());
        whole.into_iter().map(|(trace, _)| *trace).collect()
    }

    /// All traces, the oldest first.
    pub(crate) fn take_all(&mut self) -> Vec<CompletedTrace> {
        let mut all: Vec<_> = self.waiting.iter().map(|(trace, waiting)| (waiting.begun(), *trace)).collect();
        all.sort_unstable_by_key(|(begun, _)| *begun);
        all.into_iter().filter_map(|(_, trace)| self.take(trace)).collect()
    }

    /// One trace.
    pub(crate) fn take(&mut self, trace: TraceId) -> Option<CompletedTrace> {
        let waiting = self.waiting.remove(&trace)?;
        self.spans -= waiting.entries.len();
        let is_continued = !self.known.insert(trace);
        if !is_continued {
            self.known_in_order.push_back(trace);
        }
        if self.known_in_order.len() > MOST_KNOWN {
            if let Some(oldest) = self.known_in_order.pop_front() {
                self.known.remove(&oldest);
            }
        }
        Some(CompletedTrace { trace, is_continued, entries: waiting.entries, batches: waiting.batches })
    }
}

impl Waiting {
    /// When its first span started. Spans of several threads and tracers are met in no order of time.
    fn begun(&self) -> (u64, u64) {
        let first = self.entries.iter().map(|entry| entry.start).min();
        (first.unwrap_or(u64::MAX), self.number)
    }

    fn is_whole(&self, linger: Duration, others: Others, now: Instant) -> bool {
        let quiet = now.saturating_duration_since(self.latest);
        match others {
            _ if quiet < linger => false,
            Others::None => self.has_root() || self.has_remote_root(),
            Others::Since(heard) if self.has_root() => heard.is_none_or(|heard| heard >= self.latest),
            // The parent may well be another's, and still be open.
            Others::Since(_) => quiet >= linger.saturating_mul(20) && self.has_remote_root(),
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

    fn whole_after(parents: &[Option<bool>], others: impl Fn(Instant) -> Others) -> Option<u32> {
        let mut kept = TraceBuffer::default();
        let now = Instant::now();
        for parent in parents {
            kept.keep(trace(1), entry(*parent), 0, now);
        }
        let is_whole = |ms: &u32| !kept.whole(others(now), now + TICK * *ms).is_empty();
        [0, 249, 250, 4_999, 5_000, 1_000_000].into_iter().find(is_whole)
    }

    #[test]
    fn a_trace_is_whole_when_its_root_is_there_and_nothing_came_for_a_while() {
        let alone = |_| Others::None;
        assert_eq!(whole_after(&[Some(false), None], alone), Some(250));
        assert_eq!(whole_after(&[Some(true)], alone), Some(250));
        assert_eq!(whole_after(&[Some(false)], alone), None);
    }

    #[test]
    fn with_others_it_is_whole_when_they_were_heard_since() {
        assert_eq!(whole_after(&[None], |_| Others::Since(None)), Some(250));
        assert_eq!(whole_after(&[None], |now| Others::Since(Some(now))), Some(250));
        assert_eq!(whole_after(&[None], |now| Others::Since(now.checked_sub(TICK))), None);
        assert_eq!(whole_after(&[Some(true)], |now| Others::Since(Some(now))), Some(5_000));
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
        let mut kept = TraceBuffer { max_traces: 2, max_spans: 5, ..TraceBuffer::default() };
        let now = Instant::now();
        let numbers =
            |taken: Vec<CompletedTrace>| taken.iter().map(|one| one.trace.low()).collect::<Vec<_>>();
        for number in [3, 1, 2] {
            kept.keep(trace(number), entry(None), 0, now);
        }
        assert_eq!(numbers(kept.take_too_much()), [3]);
        for _ in 0..4 {
            kept.keep(trace(2), entry(None), 0, now);
        }
        assert_eq!(numbers(kept.take_too_much()), [1]);
        assert_eq!(numbers(kept.take_too_much()), [] as [u64; 0]);
        assert_eq!(numbers(kept.take_all()), [2]);
        assert_eq!(kept.spans, 0);
    }

    #[test]
    fn traces_are_taken_in_the_order_of_their_starts() {
        let mut kept = TraceBuffer::default();
        let now = Instant::now();
        let (first, second) = (entry(None), entry(None));
        kept.keep(trace(2), second, 0, now);
        kept.keep(trace(1), first, 0, now);
        assert_eq!(kept.whole(Others::None, now + kept.linger), [trace(1), trace(2)]);
        let taken = kept.take_all();
        assert_eq!(taken.iter().map(|one| one.trace).collect::<Vec<_>>(), [trace(1), trace(2)]);
    }

    #[test]
    fn what_comes_after_its_trace_was_drawn_continues_it() {
        let mut kept = TraceBuffer::default();
        let now = Instant::now();
        let draw = |kept: &mut TraceBuffer, number| {
            kept.keep(trace(number), entry(None), 9, now);
            kept.take(trace(number)).map(|taken| (taken.is_continued, taken.of_batch(9), taken.of_batch(8)))
        };
        assert_eq!(draw(&mut kept, 1), Some((false, 1, 0)));
        assert_eq!(draw(&mut kept, 1), Some((true, 1, 0)));
        for number in 2..=MOST_KNOWN as u128 + 1 {
            draw(&mut kept, number);
        }
        assert_eq!(draw(&mut kept, 1), Some((false, 1, 0)));
        assert_eq!(kept.known.len(), MOST_KNOWN);
    }
}
