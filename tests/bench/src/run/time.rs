//! Measuring times of all cases in turn.

use std::hint::black_box;

use rustix::time::{ClockId, Timespec, clock_gettime};

use super::cores;
use crate::case::{Case, Group, Running, Setting, all};

/// Rounds that are not printed.
const WARM_UP: u64 = 5;

/// The factor for bursts that finish no spans. They are short and cannot overflow a buffer.
const LONGER: u64 = 8;

/// The fraction of a burst that runs before measuring, so that the code of the case is in the caches again.
const LEAD: u64 = 8;

struct Timed {
    case: &'static Case,
    running: Running,
    burst: u64,
    producer: Vec<f64>,
    process: Vec<f64>,
}

/// Prints the nanoseconds of one operation for each case and round: the CPU time of this thread, and that of the
/// process including the export. Everything runs on one core. Each round runs all cases in another order, so that
/// disturbances affect all of them alike.
pub(super) fn time(group: Group, rounds: u64, operations: u64) -> Result<(), String> {
    if rounds == 0 {
        return Err("at least one round is needed".to_owned());
    }
    let core = *cores::allowed()?.first().ok_or("this process may use no core")?;
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
                cases[*index].add(nanoseconds);
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
        let running = (case.begin)(Setting::Background);
        Timed { case, running, burst, producer: Vec::new(), process: Vec::new() }
    }

    /// Returns the time of one operation in nanoseconds, of this thread and of the process.
    fn burst(&mut self, round: u64) -> [f64; 2] {
        let lead = self.burst / LEAD;
        self.running.prepare(lead + self.burst);
        let process = now(ClockId::ProcessCPUTime);
        self.running.run(lead);
        let producer = now(ClockId::ThreadCPUTime);
        self.run_with_stack_offset(round % 4);
        let producer = now(ClockId::ThreadCPUTime) - producer;
        self.running.export((lead + self.burst) * self.case.spans);
        let process = now(ClockId::ProcessCPUTime) - process;
        let per_operation =
            |nanoseconds: i64, repeats: u64| nanoseconds as f64 / (repeats * self.case.operations) as f64;
        [per_operation(producer, self.burst), per_operation(process, lead + self.burst)]
    }

    fn add(&mut self, [producer, process]: [f64; 2]) {
        self.producer.push(producer);
        self.process.push(process);
    }

    /// Runs a burst with one of four stack offsets. Accesses that cross a cache line take several times as long, and
    /// the start of the stack differs between processes.
    fn run_with_stack_offset(&mut self, offset: u64) {
        match offset {
            0 => self.run_with_stack_padding::<16>(),
            1 => self.run_with_stack_padding::<32>(),
            2 => self.run_with_stack_padding::<48>(),
            _ => self.run_with_stack_padding::<64>(),
        }
    }

    #[inline(never)]
    fn run_with_stack_padding<const BYTES: usize>(&mut self) {
        let padding = black_box([0_u8; BYTES]);
        self.running.run(self.burst);
        black_box(&padding);
    }
}

/// Shuffles deterministically.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for end in (1..order.len()).rev() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        order.swap(end, (*state >> 33) as usize % (end + 1));
    }
}

/// Returns the time of a clock in nanoseconds.
pub(super) fn now(clock: ClockId) -> i64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    tv_sec * 1_000_000_000 + tv_nsec
}

/// Formats the minimum, the 10th, the 50th and the 90th percentile as fields of a line.
pub(super) fn quantiles(mut numbers: Vec<f64>) -> String {
    numbers.sort_by(f64::total_cmp);
    let at = |tenths: usize| numbers[numbers.len() * tenths / 10];
    [0, 1, 5, 9].map(|tenths| format!("{:.3}", at(tenths))).join("\t")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn quantiles_are_computed_from_sorted_numbers() {
        let numbers = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantiles(numbers), "1.000\t11.000\t51.000\t91.000");
        assert_eq!(quantiles(vec![7.0]), "7.000\t7.000\t7.000\t7.000");
    }

    #[test]
    fn a_shuffle_is_a_permutation() {
        let (mut order, mut state) = ((0..10).collect::<Vec<usize>>(), 1);
        shuffle(&mut order, &mut state);
        assert_ne!(order, (0..10).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
    }
}
