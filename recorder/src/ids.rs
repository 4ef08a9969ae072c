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
    static STATE: Cell<u128> = const { Cell::new(0) };
}

/// Where a tracer's ids come from.
///
/// Random ids come from a generator of each thread (xoroshiro128++, seeded from the operating system's randomness): 128
/// bits of state, of which a thread goes through all before one repeats. A child process made by `fork` without `exec` repeats its
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
    let mut state = match STATE.get() {
        0 => seed(),
        state => [(state >> 64) as u64, state as u64],
    };
    let words = [(); WORDS].map(|()| next(&mut state));
    STATE.set(u128::from(state[0]) << 64 | u128::from(state[1]));
    words
}

/// xoroshiro128++ 1.0 (Blackman and Vigna).
#[inline]
fn next(state: &mut [u64; 2]) -> u64 {
    let [s0, s1] = *state;
    let result = s0.wrapping_add(s1).rotate_left(17).wrapping_add(s0);
    let s1 = s1 ^ s0;
    *state = [s0.rotate_left(49) ^ s1 ^ (s1 << 21), s1.rotate_left(28)];
    result
}

/// Keyed hashes of a counter: the keys come from the operating system, once for each thread, and never repeat.
#[cold]
fn seed() -> [u64; 2] {
    static SEEDED: AtomicU64 = AtomicU64::new(0);
    let thread = SEEDED.fetch_add(1, Ordering::Relaxed);
    let state = RandomState::new();
    [state.hash_one((thread, 0)) | 1, state.hash_one((thread, 1))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs for the state 1, 2, as the reference implementation gives them.
        let mut state = [1, 2];
        let first: Vec<u64> = (0..4).map(|_| next(&mut state)).collect();
        assert_eq!(first, [393_217, 669_327_710_093_319, 1_732_421_326_133_921_394, 11_394_790_081_659_126_983]);
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
