//! One case, for callgrind.

use crate::case::{Case, Setting};

/// How many operations are done before what they finished is carried off.
const BURST: u64 = 100;

/// Does a case so many times. Before it is counted, buffers grow, records are made and come back.
pub(super) fn count(case: &Case, repeats: u64) {
    let mut running = (case.begin)(Setting::Quiet);
    let burst = case.burst(BURST);
    for _ in 0..8 {
        running.prepare(burst);
        running.run(burst);
        running.settle(burst * case.spans);
    }
    counted_from_here();
    let mut left = repeats;
    while left > 0 {
        let now = left.min(burst);
        running.prepare(now);
        running.run(now);
        running.settle(now * case.spans);
        left -= now;
    }
}

/// What callgrind counted until here is forgotten, by its option `--zero-before`.
#[inline(never)]
fn counted_from_here() {
    std::hint::black_box(());
}
