//! Generators of trace ids and span ids.

use std::{
    cell::Cell,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::LocalKey,
};

use anytrace_api::{SpanId, TraceId};

thread_local! {
    // 0 until seeded. `Cell` has no destructor, so a read takes one instruction and works while the thread ends.
    static FIRST: Cell<u64> = const { Cell::new(0) };
    static SECOND: Cell<u64> = const { Cell::new(0) };
}

/// The generator of a tracer's trace ids and span ids.
///
/// Random ids come from two wyrand generators per thread, seeded with the operating system's randomness. Each half of a
/// trace id comes from a generator of its own, so that two threads make the same trace id only if both halves collide.
/// A child process made by `fork` without `exec` repeats the ids of its parent.
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
    /// Creates a generator of random ids.
    pub const fn random() -> Self {
        Ids(Source::Random)
    }

    /// Creates a generator of the ids 1, 2, 3, …, which trace ids and span ids share: for tests.
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
                Source::Random => random_span(),
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
    seed_once();
    loop {
        let (high, low, span) = (next(&FIRST), next(&SECOND), next(&FIRST));
        if let (Some(trace), Some(span)) = (TraceId::from_halves(high, low), SpanId::from_u64(span)) {
            return (trace, span);
        }
    }
}

#[inline]
fn random_span() -> u64 {
    seed_once();
    next(&FIRST)
}

#[inline]
fn seed_once() {
    if FIRST.get() == 0 {
        seed();
    }
}

/// wyrand (Wang Yi), as in wyhash's final version 4.2.
#[inline]
fn next(state: &'static LocalKey<Cell<u64>>) -> u64 {
    let next = state.get().wrapping_add(0x2d35_8dcc_aa6c_78a5);
    state.set(next);
    let product = u128::from(next) * u128::from(next ^ 0x8bb8_4b93_962e_acc9);
    (product >> 64) as u64 ^ product as u64
}

/// Seeds the thread's generators with keyed hashes of a counter. The keys come from the operating system.
#[cold]
fn seed() {
    static SEEDED: AtomicU64 = AtomicU64::new(0);
    let thread = SEEDED.fetch_add(1, Ordering::Relaxed);
    let keys = RandomState::new();
    FIRST.set(keys.hash_one((thread, 0)));
    SECOND.set(keys.hash_one((thread, 1)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_generator_equals_the_published_wyrand() {
        let mut published = fastrand::Rng::with_seed(42);
        SECOND.set(42);
        for _ in 0..10 {
            assert_eq!(next(&SECOND), published.u64(..));
        }
    }

    #[test]
    fn threads_make_different_ids() {
        const EACH: usize = if cfg!(miri) { 50 } else { 1000 };
        let make = || (0..EACH).map(|_| Ids::random().trace_and_span()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(make)).collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(all.len(), 4 * EACH);
    }

    #[test]
    fn sequential_ids_count_up() {
        let ids = Ids::sequential();
        let (trace, span) = ids.trace_and_span();
        assert_eq!((trace.low(), span.to_u64(), ids.span().to_u64()), (1, 2, 3));
    }
}
