//! What cases allocate.

use alloc_tracker::Session;
use stats_alloc::{INSTRUMENTED_SYSTEM, Stats};

use crate::case::{Case, Group, Running, Setting, all};
use crate::ours;

/// How many operations are done before what they finished is carried off.
const BURST: u64 = 400;

/// Bursts before those that are counted: until then buffers grow, records are made and come back.
const WARM_UP: u64 = 8;

/// Bursts that are counted, for each of the two.
const COUNTED: u64 = 5;

/// Prints for each case the operations, and what they allocated: how often, how often something that they had was made
/// larger, and bytes; first the producer, then the whole process with what is done to carry the spans off.
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
    for _ in 0..WARM_UP {
        running.prepare(burst);
        running.run(burst);
        running.settle(burst * case.spans);
    }
    let (producer, process) = (producer(case, running, burst), process(case, running, burst));
    let counts: Vec<_> = producer.into_iter().chain(process).map(|count| count.to_string()).collect();
    let operations = COUNTED * burst * case.operations;
    println!("allocations\t{}\t{}\t{operations}\t{}", case.workload, case.party, counts.join("\t"));
}

/// What this thread asks for while it does the work.
fn producer(case: &Case, running: &mut Running, burst: u64) -> [u64; 3] {
    let session = Session::new().no_stdout().no_file();
    let counted = session.operation("burst");
    let mut grown = 0;
    for _ in 0..COUNTED {
        running.prepare(burst);
        let span = counted.measure_thread().iterations(1);
        let before = INSTRUMENTED_SYSTEM.stats();
        running.run(burst);
        grown += (INSTRUMENTED_SYSTEM.stats() - before).reallocations as u64;
        drop(span);
        running.settle(burst * case.spans);
    }
    let report = session.to_report();
    let (_, counted) = report.operations().next().expect("it is the one above");
    // Nobody else makes anything larger meanwhile, or hardly ever: a thread's requests are counted as one kind.
    let calls = counted.total_allocations_count();
    let grown = calls.min(grown);
    [calls - grown, grown, counted.total_bytes_allocated()]
}

/// What all threads ask for until the spans are carried off.
fn process(case: &Case, running: &mut Running, burst: u64) -> [u64; 3] {
    running.prepare(COUNTED * burst);
    let before = INSTRUMENTED_SYSTEM.stats();
    for _ in 0..COUNTED {
        running.run(burst);
        running.settle(burst * case.spans);
    }
    let Stats { allocations, reallocations, bytes_allocated, .. } = INSTRUMENTED_SYSTEM.stats() - before;
    [allocations, reallocations, bytes_allocated].map(|count| count as u64)
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
