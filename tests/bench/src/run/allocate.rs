//! Counting allocations.

use alloc_tracker::Session;
use stats_alloc::{INSTRUMENTED_SYSTEM, Stats};

use crate::anytrace;
use crate::case::{Case, Group, Running, Setting, all};

/// The number of operations before finished spans are exported.
const BURST: u64 = 400;

/// The bursts before counting starts, in which buffers grow and caches fill.
const WARM_UP: u64 = 8;

/// The counted bursts, for the thread and for the process.
const COUNTED: u64 = 5;

/// Prints for each case the operations, allocations, reallocations and bytes: first those of the thread that runs the
/// workload, then those of the whole process including the export.
pub(super) fn allocate(group: Group) {
    // All cases live until the end, because spans that one case leaves open would otherwise end during another case.
    let cases: Vec<_> = all().filter(|case| case.group == group).collect();
    let mut running: Vec<_> = cases.iter().map(|case| (case.begin)(Setting::OnFlush)).collect();
    for (case, running) in cases.into_iter().zip(&mut running) {
        measure(case, running);
    }
}

fn measure(case: &Case, running: &mut Running) {
    let burst = case.burst(BURST);
    for _ in 0..WARM_UP {
        running.prepare(burst);
        running.run(burst);
        running.export(burst * case.spans);
    }
    let (producer, process) = (producer(case, running, burst), process(case, running, burst));
    let counts: Vec<_> = producer.into_iter().chain(process).map(|count| count.to_string()).collect();
    let operations = COUNTED * burst * case.operations;
    println!("allocations\t{}\t{}\t{operations}\t{}", case.workload, case.party, counts.join("\t"));
}

/// Counts the requests of this thread during the workload.
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
        running.export(burst * case.spans);
    }
    let report = session.to_report();
    let (_, counted) = report.operations().next().expect("the report contains the operation");
    // Reallocations are counted for the whole process, since the per-thread counter does not separate them. Other
    // threads make hardly any meanwhile.
    let calls = counted.total_allocations_count();
    let grown = calls.min(grown);
    [calls - grown, grown, counted.total_bytes_allocated()]
}

/// Counts the requests of all threads until the spans have been exported.
fn process(case: &Case, running: &mut Running, burst: u64) -> [u64; 3] {
    running.prepare(COUNTED * burst);
    let before = INSTRUMENTED_SYSTEM.stats();
    for _ in 0..COUNTED {
        running.run(burst);
        running.export(burst * case.spans);
    }
    let Stats { allocations, reallocations, bytes_allocated, .. } = INSTRUMENTED_SYSTEM.stats() - before;
    [allocations, reallocations, bytes_allocated].map(|count| count as u64)
}

/// Prints the number of spans in a full queue, its bytes, and its bytes after as many more spans. Panics if the queue
/// has grown.
pub(super) fn memory() {
    let memory = anytrace::full_queue(|| {
        let Stats { bytes_allocated, bytes_deallocated, .. } = INSTRUMENTED_SYSTEM.stats();
        i64::try_from(bytes_allocated).unwrap_or(i64::MAX)
            - i64::try_from(bytes_deallocated).unwrap_or(i64::MAX)
    });
    assert!(memory.after <= memory.bytes, "a full queue grows: {memory:?}");
    println!("memory\t{}\t{}\t{}", memory.spans, memory.bytes, memory.after);
}
