//! Running one case under callgrind.

use crate::case::{Case, Setting};

/// The number of operations before finished spans are exported.
const BURST: u64 = 100;

/// Runs a case a number of times. Before that, buffers grow and caches fill.
pub(super) fn count(case: &Case, repeats: u64) {
    let mut running = (case.begin)(Setting::OnFlush);
    let burst = case.burst(BURST);
    for _ in 0..8 {
        running.prepare(burst);
        running.run(burst);
        running.export(burst * case.spans);
    }
    counted_from_here();
    let mut left = repeats;
    while left > 0 {
        let now = left.min(burst);
        running.prepare(now);
        running.run(now);
        running.export(now * case.spans);
        left -= now;
    }
}

/// Callgrind resets its counts at this function, by its option `--zero-before`.
#[inline(never)]
fn counted_from_here() {
    std::hint::black_box(());
}
