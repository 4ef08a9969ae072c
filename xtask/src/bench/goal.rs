//! What one of our operations is to cost beside a peer's.

use std::fmt;

use super::figures::Figures;
use super::limits;
use super::programs::OURS;
use super::rows;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measure {
    /// The part of the peer's instructions that ours may take: exact, so that it is checked.
    Instructions { percent: u32 },
    /// The part of the peer's time.
    Time { part: f64 },
    /// How often more the allocator may be asked.
    Allocations { more: u32 },
    /// The part of the control's factor that is reached on two threads.
    Factor { least: f64 },
}

/// How ours is to stand beside a peer's.
#[derive(Debug, PartialEq)]
pub(super) struct Goal {
    row: String,
    measure: Measure,
    peer: String,
}

/// A goal as it was found.
#[derive(Debug, PartialEq)]
pub(super) struct Measured<'a> {
    pub(super) goal: &'a Goal,
    pub(super) value: f64,
}

impl Goal {
    pub(super) fn new(row: &str, measure: Measure, peer: &str) -> Self {
        Self { row: row.to_owned(), measure, peer: peer.to_owned() }
    }

    /// Of which row.
    pub(super) fn row(&self) -> &str {
        &self.row
    }

    /// Beside whom.
    pub(super) fn peer(&self) -> &str {
        &self.peer
    }

    /// What is compared.
    pub(super) fn measure(&self) -> Measure {
        self.measure
    }

    /// Whether it is checked: what counts the same in each run.
    pub(super) fn is_checked(&self) -> bool {
        matches!(self.measure, Measure::Instructions { .. })
    }

    /// What it is in one run. An error names what is missing there.
    pub(super) fn measured<'a>(&'a self, figures: &Figures) -> Result<Measured<'a>, String> {
        let value = match self.measure {
            Measure::Factor { .. } => {
                figures.factor(OURS).zip(figures.factor(&self.peer)).map(|(ours, peer)| ours / peer)
            }
            _ => self.beside(figures),
        };
        value.map(|value| Measured { goal: self, value }).ok_or_else(|| {
            format!(
                "{} holds {} against {}, and one of them was not measured",
                limits::FILE,
                self.row,
                self.peer
            )
        })
    }

    fn beside(&self, figures: &Figures) -> Option<f64> {
        let row = rows::named(&self.row)?;
        let (ours, peer) = (row.cost(figures, OURS)?, row.cost(figures, &self.peer)?);
        Some(match self.measure {
            Measure::Instructions { .. } => ours.instructions? / peer.instructions?,
            Measure::Time { .. } => row.times(&ours)?.p50 / row.times(&peer)?.p50,
            Measure::Allocations { .. } => ours.allocations?.calls() - peer.allocations?.calls(),
            Measure::Factor { .. } => return None,
        })
    }
}

impl Measured<'_> {
    /// Whether it holds.
    pub(super) fn is_met(&self) -> bool {
        match self.goal.measure {
            Measure::Instructions { percent } => self.value <= f64::from(percent) / 100.0,
            Measure::Time { part } => self.value <= part,
            Measure::Allocations { more } => self.value <= f64::from(more),
            Measure::Factor { least } => self.value >= least,
        }
    }

    /// What is wrong with it.
    pub(super) fn complaint(&self) -> Option<String> {
        if self.is_met() { None } else { Some(format!("too dear beside a peer: {self}")) }
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
                write!(formatter, "{row}: {value:+.2} allocations beside {peer}, goal +{more} at most")
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

    fn figures(ours: f64, peer: f64) -> Figures {
        let mut figures = Figures::default();
        figures.cost_mut("w0", OURS).instructions = Some(ours);
        figures.cost_mut("w0", "sdk").instructions = Some(peer);
        figures
    }

    #[test]
    fn a_share_is_exact_and_both_sides_are_counted() {
        let share = Goal::new("w0", Measure::Instructions { percent: 30 }, "sdk");
        let complaint = |ours| share.measured(&figures(ours, 1000.0)).map(|measured| measured.complaint());
        assert_eq!(complaint(300.0), Ok(None));
        let text = complaint(300.1).expect("both are there").expect("it is too dear");
        assert_eq!(text, "too dear beside a peer: w0: 30.0 % of sdk's instructions, limit 30 %");
        let missing = Goal::new("w0", Measure::Instructions { percent: 30 }, "other");
        let reason = missing.measured(&figures(1.0, 1.0)).expect_err("it was not measured");
        assert!(reason.ends_with("holds w0 against other, and one of them was not measured"), "{reason}");
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
            let measured = goal.measured(&figures).expect("all is there");
            (measured.to_string(), measured.is_met())
        };
        let time = found(Measure::Time { part: 0.4 }, "sdk");
        assert_eq!(time, ("w0: 0.50 of sdk's time, goal 0.40 at most".to_owned(), false));
        let more = found(Measure::Allocations { more: 1 }, "sdk");
        assert_eq!(more, ("w0: +1.00 allocations beside sdk, goal +1 at most".to_owned(), true));
        let factor = found(Measure::Factor { least: 0.95 }, "control");
        assert_eq!(factor, ("w0: 0.80 of control's factor, goal 0.95 at least".to_owned(), false));
    }
}
