//! What the checks came to.

use std::fmt;

use crate::Capability;

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Area {
    /// Starting, ids, parents, endings.
    Spans,
    /// Tags and their values.
    Tags,
    /// Events, errors, status and links.
    Events,
    /// Explicit and measured times.
    Times,
    /// What is said after the end, and ends that come twice.
    Late,
    /// What is current: scopes, guards, scoped tracers, suppression.
    Current,
    /// Futures, polls, panics and cancellation.
    Async,
    /// Baggage.
    Baggage,
    /// Inject and extract.
    Propagation,
    /// Decisions about recording.
    Sampling,
    /// Several threads.
    Threads,
    /// Flush and shutdown.
    Flush,
    /// The scenarios of `OpenTracing`'s testbed.
    Scenarios,
}

/// What became of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The rule holds.
    Held,
    /// It does not, and why.
    Broken(String),
    /// It was not looked at: the backend does not claim this.
    Lacking(Capability),
}

/// One rule, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What it is about.
    pub area: Area,
    /// The rule.
    pub rule: &'static str,
    /// What became of it.
    pub outcome: Outcome,
}

/// What all checks came to. It shows itself as a table by area, with what is broken or lacking behind it.
#[derive(Clone, Debug)]
pub struct Report {
    name: String,
    verdicts: Vec<Verdict>,
}

impl Report {
    pub(crate) fn new(name: &str, verdicts: Vec<Verdict>) -> Self {
        Report { name: name.to_owned(), verdicts }
    }

    /// Every rule, in a fixed order.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The rules that are broken.
    pub fn broken(&self) -> Vec<&'static str> {
        let broken = self.verdicts.iter().filter(|one| matches!(one.outcome, Outcome::Broken(_)));
        broken.map(|one| one.rule).collect()
    }

    /// How many rules hold, are broken, and were not looked at.
    pub fn counts(&self) -> [usize; 3] {
        counts(self.verdicts.iter())
    }

    /// Fails when a rule is broken, or when none was looked at.
    ///
    /// # Panics
    ///
    /// In those cases, with the whole report.
    #[track_caller]
    pub fn assert_held(&self) {
        let [held, broken, _] = self.counts();
        assert!(broken == 0 && held > 0, "{self}");
    }
}

fn counts<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> [usize; 3] {
    verdicts.fold([0; 3], |mut counts, verdict| {
        counts[match verdict.outcome {
            Outcome::Held => 0,
            Outcome::Broken(_) => 1,
            Outcome::Lacking(_) => 2,
        }] += 1;
        counts
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12} {:>5} {:>7} {:>8}", self.name, "held", "broken", "lacking")?;
        let mut rest = self.verdicts.as_slice();
        while let Some(first) = rest.first() {
            let area = rest.iter().take_while(|verdict| verdict.area == first.area).count();
            let (these, others) = rest.split_at(area);
            let [held, broken, lacking] = counts(these.iter());
            let name = format!("{:?}", first.area).to_lowercase();
            writeln!(f, "{name:<12} {held:>5} {broken:>7} {lacking:>8}")?;
            rest = others;
        }
        let [held, broken, lacking] = self.counts();
        writeln!(f, "{:<12} {held:>5} {broken:>7} {lacking:>8}", "all")?;
        for verdict in &self.verdicts {
            match &verdict.outcome {
                Outcome::Held => {}
                Outcome::Broken(why) => writeln!(f, "broken: {}: {why}", verdict.rule)?,
                Outcome::Lacking(capability) => writeln!(f, "lacking: {}: {capability:?}", verdict.rule)?,
            }
        }
        Ok(())
    }
}
