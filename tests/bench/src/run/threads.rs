//! W1 on one thread and on two.

use std::{
    hint::black_box,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use super::{cores, time::list};
use crate::case::Setting;
use crate::ours;

/// The spans of each thread before they are carried off: few enough for every queue.
const BURST: u64 = 3000;

/// Rounds that are not printed.
const WARM_UP: u64 = 5;

/// Who is asked, in turn.
struct Party {
    name: &'static str,
    run: fn(u64),
    settle: fn(u64),
}

const PARTIES: &[Party] = &[
    Party { name: "control", run: count_up, settle: |_| {} },
    Party {
        name: "anytrace",
        run: |repeats| ours::workload_w1_at_start(ours::recording(Setting::Usual), repeats),
        settle: |spans| ours::carry_off(ours::recording(Setting::Usual), spans),
    },
    #[cfg(feature = "peers")]
    Party {
        name: "otel_sdk",
        run: crate::peers::sdk_threads,
        settle: |spans| crate::peers::sdk(Setting::Usual).carry_off(spans),
    },
    #[cfg(feature = "peers")]
    Party { name: "fastrace", run: crate::peers::fastrace_threads, settle: crate::peers::fastrace_carry_off },
];

/// What two cores do twice as fast as one, unless they are not two.
fn count_up(repeats: u64) {
    let mut state = black_box(1_u64);
    for _ in 0..repeats * 64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    }
    black_box(state);
}

struct Order {
    run: fn(u64),
    at: Instant,
}

/// Prints for each party, number of threads and round the nanoseconds that pass for one span of one thread.
pub(super) fn threads(rounds: u64) -> Result<(), String> {
    let cores = cores::allowed()?;
    let [first, second, ..] = cores[..] else { return Err("there is one core only".to_owned()) };
    let (ended, ends) = channel();
    let workers = [first, second].map(|core| worker(core, ended.clone()));
    let mut taken = vec![[Vec::new(), Vec::new()]; PARTIES.len()];
    for round in 0..WARM_UP + rounds {
        for (party, taken) in PARTIES.iter().zip(&mut taken) {
            for (threads, taken) in (1..).zip(taken) {
                let nanoseconds = burst(party, &workers[..threads], &ends);
                if round >= WARM_UP {
                    taken.push(nanoseconds / BURST as f64);
                }
            }
        }
    }
    for (party, taken) in PARTIES.iter().zip(&taken) {
        for (threads, taken) in (1..).zip(taken) {
            println!("threads\t{}\t{threads}\t{}", party.name, list(taken));
        }
    }
    Ok(())
}

/// A thread that stays, on a core of its own.
fn worker(core: usize, ended: Sender<Result<Instant, String>>) -> Sender<Order> {
    let (orders, waiting) = channel::<Order>();
    thread::spawn(move || work(core, &waiting, &ended));
    orders
}

fn work(core: usize, orders: &Receiver<Order>, ended: &Sender<Result<Instant, String>>) {
    let pinned = cores::stay_on(core);
    for order in orders {
        // Whoever is awake first waits for the other.
        while Instant::now() < order.at {}
        (order.run)(BURST);
        if ended.send(pinned.clone().map(|()| Instant::now())).is_err() {
            return;
        }
    }
}

fn burst(party: &Party, workers: &[Sender<Order>], ends: &Receiver<Result<Instant, String>>) -> f64 {
    let at = Instant::now() + Duration::from_micros(200);
    for worker in workers {
        worker.send(Order { run: party.run, at }).expect("it waits for orders");
    }
    let ends = workers.iter().map(|_| ends.recv().expect("it answers").expect("it has its core"));
    let last = ends.max().expect("there is one");
    (party.settle)(BURST * workers.len() as u64);
    (last - at).as_nanos() as f64
}
