//! W1 on one thread and on two. Spans are exported between the bursts, because the exporting thread would need a third
//! core.

use std::{
    hint::black_box,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::time::ClockId;

use super::{
    cores,
    time::{now, quantiles},
};
use crate::anytrace;
use crate::case::Setting;

/// The spans of each thread between two exports: fewer than a batch, for anytrace and for the SDK.
const BURST: u64 = 500;

/// Rounds that are not printed.
const WARM_UP: u64 = 5;

/// A measured party.
struct Party {
    name: &'static str,
    run: fn(u64),
    export: fn(u64),
}

const PARTIES: &[Party] = &[
    Party { name: "control", run: calculate, export: |_| {} },
    Party {
        name: "anytrace",
        run: |repeats| anytrace::workload_w1_at_start(anytrace::recording(Setting::OnFlush), repeats),
        export: |spans| anytrace::export_spans(anytrace::recording(Setting::OnFlush), spans),
    },
    #[cfg(feature = "peers")]
    Party {
        name: "otel_sdk",
        run: crate::peers::sdk_threads,
        export: |spans| crate::peers::sdk(Setting::OnFlush).export_spans(spans),
    },
    #[cfg(feature = "peers")]
    Party {
        name: "fastrace",
        run: crate::peers::fastrace_threads,
        export: crate::peers::fastrace_export_spans,
    },
];

/// Arithmetic that scales perfectly to two independent cores, for about as long as a span takes.
fn calculate(repeats: u64) {
    let mut state = black_box(1_u64);
    for _ in 0..repeats * 64 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
}

struct Order {
    run: fn(u64),
    at: Instant,
}

/// The end of a burst, and the CPU time of its thread in nanoseconds.
type Ended = Result<(Instant, i64), String>;

/// Prints for each party and number of threads the elapsed time per span of one thread, and the CPU time per span, in
/// nanoseconds.
pub(super) fn threads(rounds: u64) -> Result<(), String> {
    if rounds == 0 {
        return Err("at least one round is needed".to_owned());
    }
    let cores = cores::allowed()?;
    let [first, second, ..] = cores[..] else {
        return Err("two cores are needed, and this process may use only one".to_owned());
    };
    let (ended, ends) = channel();
    let workers = [first, second].map(|core| worker(core, ended.clone()));
    let mut results = vec![[(); 2].map(|()| (Vec::new(), Vec::new())); PARTIES.len()];
    for round in 0..WARM_UP + rounds {
        for (party, results) in PARTIES.iter().zip(&mut results) {
            for (threads, (elapsed, cpu_time)) in (1..).zip(results) {
                let burst = burst(party, &workers[..threads], &ends)?;
                if round >= WARM_UP {
                    elapsed.push(burst.0);
                    cpu_time.push(burst.1);
                }
            }
        }
    }
    for (party, results) in PARTIES.iter().zip(results) {
        for (threads, (elapsed, cpu_time)) in (1..).zip(results) {
            println!("threads\t{}\t{threads}\tpassed\t{}", party.name, quantiles(elapsed));
            println!("threads\t{}\t{threads}\tworked\t{}", party.name, quantiles(cpu_time));
        }
    }
    Ok(())
}

/// Starts a thread that is pinned to a core.
fn worker(core: usize, ended: Sender<Ended>) -> Sender<Order> {
    let (orders, waiting) = channel::<Order>();
    thread::spawn(move || work(core, &waiting, &ended));
    orders
}

fn work(core: usize, orders: &Receiver<Order>, ended: &Sender<Ended>) {
    let pinning = cores::stay_on(core);
    for order in orders {
        // The first thread to wake waits for the other one.
        while Instant::now() < order.at {}
        let before = now(ClockId::ThreadCPUTime);
        (order.run)(BURST);
        let cpu_time = now(ClockId::ThreadCPUTime) - before;
        if ended.send(pinning.clone().map(|()| (Instant::now(), cpu_time))).is_err() {
            return;
        }
    }
}

/// Returns the elapsed time per span of one thread, and the CPU time per span, in nanoseconds.
fn burst(party: &Party, workers: &[Sender<Order>], ends: &Receiver<Ended>) -> Result<(f64, f64), String> {
    let at = Instant::now() + Duration::from_micros(200);
    for worker in workers {
        worker.send(Order { run: party.run, at }).expect("the worker runs until its orders end");
    }
    let (mut last, mut cpu_time) = (at, 0);
    for _ in workers {
        let (end, nanoseconds) = ends.recv().expect("the worker reports each burst")?;
        last = last.max(end);
        cpu_time += nanoseconds;
    }
    let threads = workers.len() as u64;
    (party.export)(BURST * threads);
    Ok(((last - at).as_nanos() as f64 / BURST as f64, cpu_time as f64 / (BURST * threads) as f64))
}
