//! The report at the end of a run.

use std::fmt::Write as _;

use crate::test_counts::TestCounts;

/// The result of one step.
#[derive(Debug)]
pub(crate) struct StepResult {
    /// The name of the step.
    pub(crate) name: &'static str,
    /// The duration in seconds.
    pub(crate) seconds: f64,
    /// The failed checks.
    pub(crate) failures: Vec<String>,
    /// The checks that could not be carried out.
    pub(crate) notices: Vec<String>,
    /// The tests that ran. `None` for a step that is a single check.
    pub(crate) tests: Option<TestCounts>,
}

impl StepResult {
    /// True if no check failed.
    pub(crate) fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// Returns the step's part of the totals. A step that runs tests counts its tests. It also counts as a failure if
    /// it failed without a failed test, for example because it did not build. Any other step counts as one.
    fn counts(&self) -> TestCounts {
        let mut counts = self.tests.unwrap_or_default();
        match (self.passed(), self.tests.is_some()) {
            (true, false) => counts.passed += 1,
            (false, _) if counts.failed == 0 => counts.failed += 1,
            _ => {}
        }
        counts
    }

    fn verdict(&self) -> String {
        let verdict = if self.passed() { "ok" } else { "FAILED" };
        match self.tests {
            Some(TestCounts { passed, failed: 0 }) => format!("{verdict}, {passed} tests"),
            Some(TestCounts { passed, failed }) => {
                format!("{verdict}, {failed} of {} tests", passed + failed)
            }
            None => verdict.to_owned(),
        }
    }
}

/// Returns the table of steps, the failures and notices, and the totals in the last line.
pub(crate) fn summary(steps: &[StepResult]) -> String {
    let mut text = format!("\n{:<10} {:>8}  result\n", "step", "seconds");
    let mut total = TestCounts::default();
    for step in steps {
        total += step.counts();
        let _ = writeln!(text, "{:<10} {:>8.1}  {}", step.name, step.seconds, step.verdict());
    }
    text.push('\n');
    for step in steps {
        for failure in &step.failures {
            let _ = writeln!(text, "failed: {}: {failure}", step.name);
        }
    }
    for step in steps {
        for notice in &step.notices {
            let _ = writeln!(text, "notice: {}: {notice}", step.name);
        }
    }
    let _ = writeln!(text, "{} passed, {} failed", total.passed, total.failed);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(name: &'static str, failures: &[&str], tests: Option<(u64, u64)>) -> StepResult {
        StepResult {
            name,
            seconds: 1.25,
            failures: failures.iter().map(ToString::to_string).collect(),
            notices: Vec::new(),
            tests: tests.map(|(passed, failed)| TestCounts { passed, failed }),
        }
    }

    fn last_line(steps: &[StepResult]) -> String {
        summary(steps).lines().last().expect("there is a last line").to_owned()
    }

    #[test]
    fn a_check_counts_as_one_and_a_test_run_as_its_tests() {
        let steps = [result("format", &[], None), result("tests", &[], Some((40, 0)))];
        assert_eq!(last_line(&steps), "41 passed, 0 failed");
        let steps = [result("format", &["unformatted"], None), result("tests", &["exit 101"], Some((38, 2)))];
        assert_eq!(last_line(&steps), "38 passed, 3 failed");
    }

    #[test]
    fn a_test_run_that_did_not_build_counts_as_a_failure() {
        assert_eq!(last_line(&[result("tests", &["exit 101"], Some((0, 0)))]), "0 passed, 1 failed");
    }

    #[test]
    fn a_notice_is_shown_and_not_counted() {
        let mut step = result("deny", &[], None);
        step.notices.push("no database".to_owned());
        let text = summary(&[step]);
        assert!(text.ends_with("\nnotice: deny: no database\n1 passed, 0 failed\n"), "{text}");
    }
}
