//! Ids that nobody else makes.

use std::{
    cell::Cell,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anytrace_api::{SpanId, TraceId};

thread_local! {
    /// All zero: not seeded yet. No destructor, so that reading it is one instruction.
    static STATE: Cell<[u64; 4]> = const { Cell::new([0; 4]) };
}

/// Where a tracer's ids come from.
///
/// Random ids come from a generator of each thread (xoshiro256++, seeded from the operating system's randomness): 256
/// bits of state, so that ids of 128 bits do not repeat. A child process made by `fork` without `exec` repeats its
/// parent's ids.
///
/// ```
/// use anytrace_recorder::Ids;
///
/// // For tests: 1, 2, 3, …
/// let ids = Ids::sequential();
/// # let _ = ids;
/// ```
#[derive(Clone, Default)]
pub struct Ids(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    Random,
    Sequential(Arc<AtomicU64>),
}

impl Ids {
    /// Random ones.
    pub const fn random() -> Self {
        Ids(Source::Random)
    }

    /// 1, 2, 3, …, over traces and spans together: for tests.
    pub fn sequential() -> Self {
        Ids(Source::Sequential(Arc::new(AtomicU64::new(0))))
    }

    pub(crate) fn are_random(&self) -> bool {
        matches!(self.0, Source::Random)
    }

    #[inline]
    pub(crate) fn trace_and_span(&self) -> (TraceId, SpanId) {
        match &self.0 {
            Source::Random => random_trace_and_span(),
            Source::Sequential(last) => loop {
                let trace = last.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(trace) = TraceId::from_halves(0, trace) {
                    return (trace, self.span());
                }
            },
        }
    }

    #[inline]
    pub(crate) fn span(&self) -> SpanId {
        loop {
            let span = match &self.0 {
                Source::Random => random::<1>()[0],
                Source::Sequential(last) => last.fetch_add(1, Ordering::Relaxed) + 1,
            };
            if let Some(span) = SpanId::from_u64(span) {
                return span;
            }
        }
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.are_random() { "Ids(random)" } else { "Ids(sequential)" })
    }
}

#[inline]
fn random_trace_and_span() -> (TraceId, SpanId) {
    loop {
        let [high, low, span] = random();
        if let (Some(trace), Some(span)) = (TraceId::from_halves(high, low), SpanId::from_u64(span)) {
            return (trace, span);
        }
    }
}

#[inline]
fn random<const WORDS: usize>() -> [u64; WORDS] {
    // Also while the thread ends: there is no destructor that could have run.
    let mut state = STATE.get();
    if state == [0; 4] {
        state = seed();
    }
    let words = [(); WORDS].map(|()| next(&mut state));
    STATE.set(state);
    words
}

/// xoshiro256++ 1.0 (Blackman and Vigna).
#[inline]
fn next(state: &mut [u64; 4]) -> u64 {
    let [s0, s1, s2, s3] = *state;
    let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
    let (s2, s3) = (s2 ^ s0, s3 ^ s1);
    *state = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 17), s3.rotate_left(45)];
    result
}

/// Keyed hashes of a counter: the keys come from the operating system, once for each thread, and never repeat.
#[cold]
fn seed() -> [u64; 4] {
    static SEEDED: AtomicU64 = AtomicU64::new(0);
    let thread = SEEDED.fetch_add(1, Ordering::Relaxed);
    let state = RandomState::new();
    let mut seed = [0; 4];
    for (n, word) in seed.iter_mut().enumerate() {
        *word = state.hash_one((thread, n));
    }
    seed[0] |= 1;
    seed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs for the state 1, 2, 3, 4, as the reference implementation gives them.
        let mut state = [1, 2, 3, 4];
        let first: Vec<u64> = (0..4).map(|_| next(&mut state)).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn threads_do_not_repeat_each_other() {
        const EACH: usize = if cfg!(miri) { 50 } else { 1000 };
        let make = || (0..EACH).map(|_| Ids::random().trace_and_span()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(make)).collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.len(), 4 * EACH);
    }

    #[test]
    fn sequential_ids_count() {
        let ids = Ids::sequential();
        let (trace, span) = ids.trace_and_span();
        assert_eq!((trace.low(), span.to_u64(), ids.span().to_u64()), (1, 2, 3));
    }
}
