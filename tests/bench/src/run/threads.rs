//! W1 on one thread and on two. What they finish is carried off between the bursts: whoever does it would need a core,
//! and there may be no third one.

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
use crate::case::Setting;
use crate::ours;

/// The spans of each thread before they are carried off: fewer than a batch, of ours and of the SDK.
const BURST: u64 = 500;

/// Rounds that are not printed.
const WARM_UP: u64 = 5;

/// Who is asked, in turn.
struct Party {
    name: &'static str,
    run: fn(u64),
    settle: fn(u64),
}

const PARTIES: &[Party] = &[
    Party { name: "control", run: calculate, settle: |_| {} },
    Party {
        name: "anytrace",
        run: |repeats| ours::workload_w1_at_start(ours::recording(Setting::Quiet), repeats),
        settle: |spans| ours::carry_off(ours::recording(Setting::Quiet), spans),
    },
    #[cfg(feature = "peers")]
    Party {
        name: "otel_sdk",
        run: crate::peers::sdk_threads,
        settle: |spans| crate::peers::sdk(Setting::Quiet).carry_off(spans),
    },
    #[cfg(feature = "peers")]
    Party { name: "fastrace", run: crate::peers::fastrace_threads, settle: crate::peers::fastrace_carry_off },
];

/// What two cores do twice as fast as one, unless they are not two: for about as long as a span takes.
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

/// When a burst ended, and the nanoseconds of the thread's time that it took.
type Ended = Result<(Instant, i64), String>;

/// Prints for each party and number of threads the nanoseconds that pass for one span of each, and those of its thread.
pub(super) fn threads(rounds: u64) -> Result<(), String> {
    if rounds == 0 {
        return Err("at least one round is needed".to_owned());
    }
    let cores = cores::allowed()?;
    let [first, second, ..] = cores[..] else { return Err("there is one core only".to_owned()) };
    let (ended, ends) = channel();
    let workers = [first, second].map(|core| worker(core, ended.clone()));
    let mut taken = vec![[(); 2].map(|()| (Vec::new(), Vec::new())); PARTIES.len()];
    for round in 0..WARM_UP + rounds {
        for (party, taken) in PARTIES.iter().zip(&mut taken) {
            for (threads, (passed, worked)) in (1..).zip(taken) {
                let burst = burst(party, &workers[..threads], &ends)?;
                if round >= WARM_UP {
                    passed.push(burst.0);
                    worked.push(burst.1);
                }
            }
        }
    }
    for (party, taken) in PARTIES.iter().zip(taken) {
        for (threads, (passed, worked)) in (1..).zip(taken) {
            println!("threads\t{}\t{threads}\tpassed\t{}", party.name, quantiles(passed));
            println!("threads\t{}\t{threads}\tworked\t{}", party.name, quantiles(worked));
        }
    }
    Ok(())
}

/// A thread that stays, on a core of its own.
fn worker(core: usize, ended: Sender<Ended>) -> Sender<Order> {
    let (orders, waiting) = channel::<Order>();
    thread::spawn(move || work(core, &waiting, &ended));
    orders
}

fn work(core: usize, orders: &Receiver<Order>, ended: &Sender<Ended>) {
    let pinned = cores::stay_on(core);
    for order in orders {
        // Whoever is awake first waits for the other.
        while Instant::now() < order.at {}
        let before = now(ClockId::ThreadCPUTime);
        (order.run)(BURST);
        let worked = now(ClockId::ThreadCPUTime) - before;
        if ended.send(pinned.clone().map(|()| (Instant::now(), worked))).is_err() {
            return;
        }
    }
}

/// The nanoseconds that pass for one span of each thread, and those of a thread.
fn burst(party: &Party, workers: &[Sender<Order>], ends: &Receiver<Ended>) -> Result<(f64, f64), String> {
    let at = Instant::now() + Duration::from_micros(200);
    for worker in workers {
        worker.send(Order { run: party.run, at }).expect("it waits for orders");
    }
    let (mut last, mut worked) = (at, 0);
    for _ in workers {
        let (end, nanoseconds) = ends.recv().expect("it answers")?;
        last = last.max(end);
        worked += nanoseconds;
    }
    let threads = workers.len() as u64;
    (party.settle)(BURST * threads);
    Ok(((last - at).as_nanos() as f64 / BURST as f64, worked as f64 / (BURST * threads) as f64))
}
