//! What cases allocate.

use stats_alloc::{INSTRUMENTED_SYSTEM, Stats};

use crate::case::{Case, Group, Running, Setting, all};
use crate::ours;

/// How many operations are done before what they finished is carried off.
const BURST: u64 = 400;

/// Prints for each case the operations, and what they allocated: how often, how often something that they had was made
/// larger, and bytes; first the producer, then the whole process with what is done to carry the spans off. No other
/// thread is awake while the producer is, so that all of the allocator's counts are the producer's then.
pub(super) fn allocate(group: Group) {
    // All stay until the end: what one holds open would finish in another's turn.
    let cases: Vec<_> = all().filter(|case| case.group == group).collect();
    let mut running: Vec<_> = cases.iter().map(|case| (case.begin)(Setting::Quiet)).collect();
    for (case, running) in cases.into_iter().zip(&mut running) {
        one(case, running);
    }
}

fn one(case: &Case, running: &mut Running) {
    let burst = case.burst(BURST);
    // Until they are counted, buffers grow, records are made and come back.
    let mut counted: Vec<_> = (0..13).map(|_| burst_of(case, running, burst)).skip(8).collect();
    // The one in the middle: now and then a thread allocates as it starts or wakes.
    counted.sort_unstable();
    let counts = counted[counted.len() / 2].iter().flatten();
    let counts: Vec<_> = counts.map(usize::to_string).collect();
    let operations = burst * case.operations;
    println!("allocations\t{}\t{}\t{operations}\t{}", case.workload, case.party, counts.join("\t"));
}

/// What the producer and the process allocate.
fn burst_of(case: &Case, running: &mut Running, burst: u64) -> [[usize; 3]; 2] {
    let before = INSTRUMENTED_SYSTEM.stats();
    running.run(burst);
    let producer = INSTRUMENTED_SYSTEM.stats() - before;
    running.settle(burst * case.spans);
    let process = INSTRUMENTED_SYSTEM.stats() - before;
    [producer, process].map(|Stats { allocations, reallocations, bytes_allocated, .. }| {
        [allocations, reallocations, bytes_allocated]
    })
}

/// Prints the spans of a full queue, the bytes that it holds, and those that it holds after as many spans again: not
/// more, or this fails.
pub(super) fn memory() {
    let memory = ours::full_queue(|| {
        let Stats { bytes_allocated, bytes_deallocated, .. } = INSTRUMENTED_SYSTEM.stats();
        i64::try_from(bytes_allocated).unwrap_or(i64::MAX)
            - i64::try_from(bytes_deallocated).unwrap_or(i64::MAX)
    });
    assert!(memory.after <= memory.bytes, "a full queue grows: {memory:?}");
    println!("memory\t{}\t{}\t{}", memory.spans, memory.bytes, memory.after);
}
