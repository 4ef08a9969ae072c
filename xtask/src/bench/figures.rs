//! The results of one run.

use std::collections::BTreeMap;

use super::cost::{Allocations, Cost, Times};

/// W1 on several threads, in nanoseconds per span: the elapsed time per span of one thread, and the CPU time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Threads {
    pub(super) elapsed: Option<Times>,
    pub(super) cpu_time: Option<Times>,
}

/// The memory of a full queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) spans: u64,
    pub(super) bytes: u64,
    /// The bytes after as many dropped spans.
    pub(super) after: u64,
}

/// The costs of all cases by workload and party, and further results.
#[derive(Debug, Default)]
pub(super) struct Figures {
    costs: BTreeMap<(String, String), Cost>,
    threads: Vec<(String, u64, Threads)>,
    /// The memory of a full queue.
    pub(super) memory: Option<Memory>,
    /// The core that the timed programs ran on.
    pub(super) core: Option<u64>,
}

impl Figures {
    /// Returns the cost of a case.
    pub(super) fn cost(&self, workload: &str, party: &str) -> Option<&Cost> {
        self.costs.get(&(workload.to_owned(), party.to_owned()))
    }

    /// Returns the cost of a case, to be filled in.
    pub(super) fn cost_mut(&mut self, workload: &str, party: &str) -> &mut Cost {
        self.costs.entry((workload.to_owned(), party.to_owned())).or_default()
    }

    /// Returns the result of W1 on this number of threads.
    pub(super) fn threads(&self, party: &str, threads: u64) -> Option<Threads> {
        let found = self.threads.iter().find(|(name, number, _)| name == party && *number == threads);
        found.map(|(_, _, figures)| *figures)
    }

    /// Returns the throughput of a party on two threads, divided by that on one.
    pub(super) fn factor(&self, party: &str) -> Option<f64> {
        let elapsed = |threads| Some(self.threads(party, threads)?.elapsed?.p50);
        Some(2.0 * elapsed(1)? / elapsed(2)?)
    }

    /// Returns the parties measured on several threads.
    pub(super) fn on_threads(&self) -> impl Iterator<Item = &str> {
        self.threads.iter().filter(|(_, number, _)| *number == 1).map(|(party, ..)| party.as_str())
    }

    /// Adds the output of a program.
    pub(super) fn read(&mut self, printed: &str) -> Result<(), String> {
        for line in printed.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            self.line(&fields).ok_or_else(|| format!("not a result: {line}"))?;
        }
        Ok(())
    }

    fn line(&mut self, fields: &[&str]) -> Option<()> {
        match fields {
            ["core", core] => self.core = Some(core.parse().ok()?),
            ["producer", workload, party, times @ ..] => {
                self.cost_mut(workload, party).producer = Some(Times::parse(times)?);
            }
            ["process", workload, party, times @ ..] => {
                self.cost_mut(workload, party).process = Some(Times::parse(times)?);
            }
            ["allocations", workload, party, operations, a, b, c, process @ ..] => {
                let operations = operations.parse().ok().filter(|operations| *operations > 0)?;
                let cost = self.cost_mut(workload, party);
                cost.allocations = Some(Allocations::parse(&[a, b, c], operations)?);
                cost.process_allocations = Some(Allocations::parse(process, operations)?);
            }
            ["threads", party, threads, quantity, times @ ..] => {
                let (threads, times) = (threads.parse().ok()?, Times::parse(times)?);
                if self.threads(party, threads).is_none() {
                    self.threads.push(((*party).to_owned(), threads, Threads::default()));
                }
                let (.., figures) =
                    self.threads.iter_mut().find(|(name, number, _)| name == party && *number == threads)?;
                match *quantity {
                    "passed" => figures.elapsed = Some(times),
                    "worked" => figures.cpu_time = Some(times),
                    _ => return None,
                }
            }
            ["memory", spans, bytes, after] => {
                let [spans, bytes, after] = [spans, bytes, after].map(|word| word.parse::<u64>());
                self.memory = Some(Memory { spans: spans.ok()?, bytes: bytes.ok()?, after: after.ok()? });
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn outputs_of_programs_are_merged() {
        let mut figures = Figures::default();
        figures
            .read("core\t0\nproducer\tw1\tours\t1\t2\t3\t4\nprocess\tw1\tours\t5\t6\t7\t8\n")
            .expect("times");
        figures.read("allocations\tw1\tours\t10\t20\t0\t640\t30\t0\t900\n").expect("allocations");
        figures.cost_mut("w1", "ours").instructions = Some(77.0);
        let cost = figures.cost("w1", "ours").expect("the cost is known");
        assert_eq!((cost.instructions, cost.producer.map(|t| t.p50)), (Some(77.0), Some(3.0)));
        assert_eq!(cost.process.map(|t| t.p50), Some(7.0));
        assert_eq!(cost.allocations.map(|a| (a.fresh, a.bytes)), Some((2.0, 64.0)));
        assert_eq!(cost.process_allocations.map(|a| a.fresh), Some(3.0));
        assert_eq!(figures.core, Some(0));
    }

    #[test]
    fn the_factor_is_two_if_both_threads_are_as_fast_as_one() {
        let mut figures = Figures::default();
        figures
            .read("threads\tours\t1\tpassed\t1\t1\t100\t1\nthreads\tours\t1\tworked\t1\t1\t99\t1\n")
            .expect("one");
        assert_eq!(figures.factor("ours"), None);
        figures.read("threads\tours\t2\tpassed\t1\t1\t125\t1\n").expect("two");
        assert_eq!(figures.factor("ours"), Some(1.6));
        assert_eq!(figures.on_threads().collect::<Vec<_>>(), ["ours"]);
    }

    #[test]
    fn the_memory_line_is_parsed() {
        let mut figures = Figures::default();
        figures.read("memory\t16\t1600\t1600").expect("the line is valid");
        assert_eq!(figures.memory, Some(Memory { spans: 16, bytes: 1600, after: 1600 }));
    }

    #[test]
    fn other_lines_are_rejected() {
        for line in [
            "",
            "producer\tw1\tours\t1",
            "allocations\tw1\tours\t0\t1\t1\t1\t1\t1\t1",
            "threads\ta\t1\tx\t1\t1\t1\t1",
        ] {
            assert_eq!(Figures::default().read(&format!("{line}\n")), Err(format!("not a result: {line}")));
        }
    }
}
