//! Goals: comparisons of an operation's cost with that of a peer.

use std::fmt;

use super::figures::Figures;
use super::limits;
use super::programs::ANYTRACE;
use super::rows;

/// The compared cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measure {
    /// The largest percentage of the peer's instructions. Counts are exact, so this goal is checked.
    Instructions { percent: u32 },
    /// The largest part of the peer's time.
    Time { part: f64 },
    /// The largest number of additional calls of the allocator.
    Allocations { more: u32 },
    /// The smallest part of the control's scaling factor on two threads.
    Factor { least: f64 },
}

/// A goal for one row and one peer.
#[derive(Debug, PartialEq)]
pub(super) struct Goal {
    row: String,
    measure: Measure,
    peer: String,
}

/// The result for a goal.
#[derive(Debug, PartialEq)]
pub(super) struct Measured<'a> {
    pub(super) goal: &'a Goal,
    pub(super) value: f64,
}

impl Goal {
    pub(super) fn new(row: &str, measure: Measure, peer: &str) -> Self {
        Self { row: row.to_owned(), measure, peer: peer.to_owned() }
    }

    /// Returns the name of the row.
    pub(super) fn row(&self) -> &str {
        &self.row
    }

    /// Returns the name of the peer.
    pub(super) fn peer(&self) -> &str {
        &self.peer
    }

    /// Returns the compared cost.
    pub(super) fn measure(&self) -> Measure {
        self.measure
    }

    /// True if the goal is checked, because its costs are the same in every run.
    pub(super) fn is_checked(&self) -> bool {
        matches!(self.measure, Measure::Instructions { .. })
    }

    /// Returns the result of one run. An error names the missing measurement.
    pub(super) fn measured<'a>(&'a self, figures: &Figures) -> Result<Measured<'a>, String> {
        let value = match self.measure {
            Measure::Factor { .. } => figures
                .factor(ANYTRACE)
                .zip(figures.factor(&self.peer))
                .map(|(anytrace, peer)| anytrace / peer),
            _ => self.compared(figures),
        };
        value.map(|value| Measured { goal: self, value }).ok_or_else(|| {
            format!(
                "{} compares {} with {}, and one of them was not measured",
                limits::FILE,
                self.row,
                self.peer
            )
        })
    }

    fn compared(&self, figures: &Figures) -> Option<f64> {
        let row = rows::named(&self.row)?;
        let (anytrace, peer) = (row.cost(figures, ANYTRACE)?, row.cost(figures, &self.peer)?);
        Some(match self.measure {
            Measure::Instructions { .. } => anytrace.instructions? / peer.instructions?,
            Measure::Time { .. } => row.times(&anytrace)?.p50 / row.times(&peer)?.p50,
            Measure::Allocations { .. } => anytrace.allocations?.calls() - peer.allocations?.calls(),
            Measure::Factor { .. } => return None,
        })
    }
}

impl Measured<'_> {
    /// True if the result meets the goal.
    pub(super) fn is_met(&self) -> bool {
        match self.goal.measure {
            Measure::Instructions { percent } => self.value <= f64::from(percent) / 100.0,
            Measure::Time { part } => self.value <= part,
            Measure::Allocations { more } => self.value <= f64::from(more),
            Measure::Factor { least } => self.value >= least,
        }
    }

    /// Returns a message if the goal is not met.
    pub(super) fn violation(&self) -> Option<String> {
        if self.is_met() { None } else { Some(format!("more expensive than allowed: {self}")) }
    }
}

impl fmt::Display for Measured<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Goal { row, measure, peer }, value) = (self.goal, self.value);
        match measure {
            Measure::Instructions { percent } => {
                write!(formatter, "{row}: {:.1} % of {peer}'s instructions, limit {percent} %", value * 100.0)
            }
            Measure::Time { part } => {
                write!(formatter, "{row}: {value:.2} of {peer}'s time, goal {part:.2} at most")
            }
            Measure::Allocations { more } => {
                write!(formatter, "{row}: {value:+.2} allocations compared with {peer}, goal +{more} at most")
            }
            Measure::Factor { least } => {
                write!(formatter, "{row}: {value:.2} of {peer}'s factor, goal {least:.2} at least")
            }
        }
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    fn figures(anytrace: f64, peer: f64) -> Figures {
        let mut figures = Figures::default();
        figures.cost_mut("w0", ANYTRACE).instructions = Some(anytrace);
        figures.cost_mut("w0", "sdk").instructions = Some(peer);
        figures
    }

    #[test]
    fn a_percentage_is_exact_and_needs_both_counts() {
        let share = Goal::new("w0", Measure::Instructions { percent: 30 }, "sdk");
        let violation =
            |anytrace| share.measured(&figures(anytrace, 1000.0)).map(|measured| measured.violation());
        assert_eq!(violation(300.0), Ok(None));
        let text = violation(300.1).expect("both costs are known").expect("the limit is exceeded");
        assert_eq!(text, "more expensive than allowed: w0: 30.0 % of sdk's instructions, limit 30 %");
        let missing = Goal::new("w0", Measure::Instructions { percent: 30 }, "other");
        let reason = missing.measured(&figures(1.0, 1.0)).expect_err("the peer was not measured");
        assert!(reason.ends_with("compares w0 with other, and one of them was not measured"), "{reason}");
    }

    #[test]
    fn times_allocations_and_factors_are_compared() {
        let mut figures = Figures::default();
        figures.read("producer\tw0\tanytrace\t1\t1\t50\t1\nproducer\tw0\tsdk\t1\t1\t100\t1").expect("times");
        figures
            .read("allocations\tw0\tanytrace\t1\t3\t0\t8\t3\t0\t8\nallocations\tw0\tsdk\t1\t1\t1\t8\t3\t0\t8")
            .expect("allocations");
        for (party, two) in [("anytrace", 125), ("control", 100)] {
            let lines = format!(
                "threads\t{party}\t1\tpassed\t1\t1\t100\t1\nthreads\t{party}\t2\tpassed\t1\t1\t{two}\t1"
            );
            figures.read(&lines).expect("threads");
        }
        let found = |measure, peer| {
            let goal = Goal::new("w0", measure, peer);
            let measured = goal.measured(&figures).expect("everything was measured");
            (measured.to_string(), measured.is_met())
        };
        let time = found(Measure::Time { part: 0.4 }, "sdk");
        assert_eq!(time, ("w0: 0.50 of sdk's time, goal 0.40 at most".to_owned(), false));
        let more = found(Measure::Allocations { more: 1 }, "sdk");
        assert_eq!(more, ("w0: +1.00 allocations compared with sdk, goal +1 at most".to_owned(), true));
        let factor = found(Measure::Factor { least: 0.95 }, "control");
        assert_eq!(factor, ("w0: 0.80 of control's factor, goal 0.95 at least".to_owned(), false));
    }
}
