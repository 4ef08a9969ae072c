//! What cases take, in turn.

use std::hint::black_box;

use rustix::time::{ClockId, Timespec, clock_gettime};

use super::cores;
use crate::case::{Case, Group, Running, Setting, all};

/// Rounds that are not printed.
const WARM_UP: u64 = 5;

/// A burst that finishes no spans has nothing to overflow, and is often short: it is so many times longer.
const LONGER: u64 = 8;

/// The part of a burst that is done before the producer's time is taken: the case finds its code where others left it.
const LEAD: u64 = 8;

struct Timed {
    case: &'static Case,
    running: Running,
    burst: u64,
    producer: Vec<f64>,
    process: Vec<f64>,
}

/// Prints for each case and round the nanoseconds of one operation: of this thread's time, and of the whole process,
/// with what is done to carry the spans off. All is kept on one core, and each round does all cases, in an order of its
/// own, so that whatever disturbs the machine, or is left behind in its caches, disturbs all of them.
pub(super) fn time(group: Group, rounds: u64, operations: u64) -> Result<(), String> {
    if rounds == 0 {
        return Err("at least one round is needed".to_owned());
    }
    let core = *cores::allowed()?.first().ok_or("there is no core")?;
    cores::stay_on(core)?;
    println!("core\t{core}");
    let mut cases: Vec<Timed> =
        all().filter(|case| case.group == group).map(|case| Timed::begin(case, operations)).collect();
    let mut order: Vec<usize> = (0..cases.len()).collect();
    let mut state = 1;
    for round in 0..WARM_UP + rounds {
        shuffle(&mut order, &mut state);
        for index in &order {
            let nanoseconds = cases[*index].burst(round);
            if round >= WARM_UP {
                cases[*index].keep(nanoseconds);
            }
        }
    }
    for Timed { case: Case { workload, party, .. }, producer, process, .. } in cases {
        println!("producer\t{workload}\t{party}\t{}", quantiles(producer));
        println!("process\t{workload}\t{party}\t{}", quantiles(process));
    }
    Ok(())
}

impl Timed {
    fn begin(case: &'static Case, operations: u64) -> Self {
        let longer = if case.spans == 0 { LONGER } else { 1 };
        let burst = case.burst(operations * longer);
        let running = (case.begin)(Setting::Usual);
        Timed { case, running, burst, producer: Vec::new(), process: Vec::new() }
    }

    /// What one operation took, of this thread and of the process.
    fn burst(&mut self, round: u64) -> [f64; 2] {
        let lead = self.burst / LEAD;
        self.running.prepare(lead + self.burst);
        let process = now(ClockId::ProcessCPUTime);
        self.running.run(lead);
        let producer = now(ClockId::ThreadCPUTime);
        self.run_lower(round % 4);
        let producer = now(ClockId::ThreadCPUTime) - producer;
        self.running.settle((lead + self.burst) * self.case.spans);
        let process = now(ClockId::ProcessCPUTime) - process;
        let per_operation =
            |nanoseconds: i64, repeats: u64| nanoseconds as f64 / (repeats * self.case.operations) as f64;
        [per_operation(producer, self.burst), per_operation(process, lead + self.burst)]
    }

    fn keep(&mut self, [producer, process]: [f64; 2]) {
        self.producer.push(producer);
        self.process.push(process);
    }

    /// Does a burst with the stack at each of four places in turn: what crosses a cache line there takes several times as
    /// long, and where the stack begins is another place in each process.
    fn run_lower(&mut self, place: u64) {
        match place {
            0 => self.run_beneath::<16>(),
            1 => self.run_beneath::<32>(),
            2 => self.run_beneath::<48>(),
            _ => self.run_beneath::<64>(),
        }
    }

    #[inline(never)]
    fn run_beneath<const BYTES: usize>(&mut self) {
        let room = black_box([0_u8; BYTES]);
        self.running.run(self.burst);
        black_box(&room);
    }
}

/// Another order, the same in each run.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for end in (1..order.len()).rev() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        order.swap(end, (*state >> 33) as usize % (end + 1));
    }
}

/// Nanoseconds.
pub(super) fn now(clock: ClockId) -> i64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    tv_sec * 1_000_000_000 + tv_nsec
}

/// The least, and those that a tenth, a half and nine tenths are below, as parts of a line.
pub(super) fn quantiles(mut numbers: Vec<f64>) -> String {
    numbers.sort_by(f64::total_cmp);
    let at = |tenths: usize| numbers[numbers.len() * tenths / 10];
    [0, 1, 5, 9].map(|tenths| format!("{:.3}", at(tenths))).join("\t")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_numbers() {
        let numbers = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantiles(numbers), "1.000\t11.000\t51.000\t91.000");
        assert_eq!(quantiles(vec![7.0]), "7.000\t7.000\t7.000\t7.000");
    }

    #[test]
    fn an_order_has_everything_once() {
        let (mut order, mut state) = ((0..10).collect::<Vec<usize>>(), 1);
        shuffle(&mut order, &mut state);
        assert_ne!(order, (0..10).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    }
}
