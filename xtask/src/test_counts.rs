//! Counting tests.

use std::ops::AddAssign;

/// Numbers of passed and failed tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TestCounts {
    /// The number of passed tests.
    pub(crate) passed: u64,
    /// The number of failed tests.
    pub(crate) failed: u64,
}

impl TestCounts {
    /// Adds the numbers of libtest's summary lines: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0
    /// filtered out; finished in 0.00s`.
    ///
    /// A test may print without a final newline, so a summary can begin within a line.
    pub(crate) fn of_output(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            let Some((_, line)) = line.split_once("test result: ") else { continue };
            let Some((_, line)) = line.split_once(". ") else { continue };
            let (Some(passed), Some(failed)) = (number(line, " passed"), number(line, " failed")) else {
                continue;
            };
            counts += Self { passed, failed };
        }
        counts
    }

    /// Returns the number of tests.
    pub(crate) fn total(self) -> u64 {
        self.passed + self.failed
    }
}

impl AddAssign for TestCounts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Returns the number in the part of the line that ends with `word`.
fn number(line: &str, word: &str) -> Option<u64> {
    line.split(';').find_map(|part| part.trim().strip_suffix(word.trim_start())?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 3 tests
test a ... ok
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

printed without an endtest result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
all doctests ran in 0.42s; merged doctests compilation took 0.39s
";

    #[test]
    fn closing_lines_add_up() {
        assert_eq!(TestCounts::of_output(OUTPUT), TestCounts { passed: 7, failed: 2 });
        assert_eq!(TestCounts::of_output(OUTPUT).total(), 9);
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["", "test result: ", "test result: ok. some passed; 0 failed", "3 passed; 0 failed"] {
            assert_eq!(TestCounts::of_output(line), TestCounts::default(), "{line}");
        }
    }
}
