//! The results of all checks.

use std::fmt;

use crate::Capability;

/// A group of rules.
///
/// It displays as its name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Area {
    /// Starting spans, ids, parents and ends.
    Spans,
    /// Tags and their values.
    Tags,
    /// Events, errors, status and links.
    Events,
    /// Explicit and measured times.
    Times,
    /// Updates after the end, and repeated ends.
    AfterEnd,
    /// The current span: scopes, guards, scoped tracers, snapshots and suppression.
    Current,
    /// Futures: polls, panics and cancellation.
    Async,
    /// Baggage.
    Baggage,
    /// Inject and extract.
    Propagation,
    /// Sampling decisions.
    Sampling,
    /// Use from several threads.
    Threads,
    /// Flush and shutdown.
    Flush,
    /// The scenarios of `OpenTracing`'s testbed.
    Scenarios,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Area::Spans => "spans",
            Area::Tags => "tags",
            Area::Events => "events",
            Area::Times => "times",
            Area::AfterEnd => "after end",
            Area::Current => "current",
            Area::Async => "async",
            Area::Baggage => "baggage",
            Area::Propagation => "propagation",
            Area::Sampling => "sampling",
            Area::Threads => "threads",
            Area::Flush => "flush",
            Area::Scenarios => "scenarios",
        })
    }
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The backend follows the rule.
    Passed,
    /// The backend breaks the rule, for this reason.
    Failed(String),
    /// The rule was not checked, because the backend does not claim this capability.
    Skipped(Capability),
}

/// A rule and the outcome of its check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleResult {
    /// The group of the rule.
    pub area: Area,
    /// The name of the rule, which states it.
    pub rule: &'static str,
    /// The outcome of the check.
    pub outcome: Outcome,
}

/// The results of all checks of one backend.
///
/// It displays as a table with one row per area, followed by the failed rules with their reasons and the skipped rules
/// with the missing capabilities.
#[derive(Clone, Debug)]
pub struct Report {
    name: String,
    results: Vec<RuleResult>,
}

impl Report {
    pub(crate) fn new(name: &str, results: Vec<RuleResult>) -> Self {
        Report { name: name.to_owned(), results }
    }

    /// Returns the results of all rules, always in the same order.
    pub fn results(&self) -> &[RuleResult] {
        &self.results
    }

    /// Returns the names of the failed rules.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = self.results.iter().filter(|result| matches!(result.outcome, Outcome::Failed(_)));
        failed.map(|result| result.rule).collect()
    }

    /// Returns the numbers of passed, failed and skipped rules.
    pub fn counts(&self) -> [usize; 3] {
        counts(&self.results)
    }

    /// Asserts that no rule failed and that at least one passed.
    ///
    /// # Panics
    ///
    /// Panics with the whole report if a rule failed or none passed.
    #[track_caller]
    pub fn assert_passed(&self) {
        let [passed, failed, _] = self.counts();
        assert!(failed == 0 && passed > 0, "{self}");
    }
}

fn counts(results: &[RuleResult]) -> [usize; 3] {
    results.iter().fold([0; 3], |mut counts, result| {
        counts[match result.outcome {
            Outcome::Passed => 0,
            Outcome::Failed(_) => 1,
            Outcome::Skipped(_) => 2,
        }] += 1;
        counts
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12} {:>6} {:>6} {:>7}", self.name, "passed", "failed", "skipped")?;
        for of_area in self.results.chunk_by(|first, second| first.area == second.area) {
            let [passed, failed, skipped] = counts(of_area);
            writeln!(f, "{:<12} {passed:>6} {failed:>6} {skipped:>7}", of_area[0].area)?;
        }
        let [passed, failed, skipped] = self.counts();
        writeln!(f, "{:<12} {passed:>6} {failed:>6} {skipped:>7}", "all")?;
        for result in &self.results {
            match &result.outcome {
                Outcome::Passed => {}
                Outcome::Failed(reason) => writeln!(f, "failed: {}: {reason}", result.rule)?,
                Outcome::Skipped(capability) => writeln!(f, "skipped: {}: {capability:?}", result.rule)?,
            }
        }
        Ok(())
    }
}
