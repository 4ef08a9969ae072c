//! Limits and goals for the cost of operations.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::goal::{Goal, Measure};

/// The path of the file, relative to the root. `#` begins a comment. Lines have these forms:
///
/// | line | meaning |
/// |---|---|
/// | `start 120 instructions 0 allocations` | the limits of the workload `start`, including the margin |
/// | `start 30% of peer` | the largest percentage of the peer's instructions, checked |
/// | `start 0.40x peer` | a goal: the largest part of the peer's time |
/// | `start +1 allocation peer` | a goal: the largest number of additional allocations |
/// | `two_threads at least 0.95x control` | a goal: the smallest part of the control's scaling factor |
pub(super) const FILE: &str = "tests/bench/limits.txt";

/// The tolerance for allocations that occur at most once in twenty operations, for example when a queue grows.
pub(super) const RARE_ALLOCATIONS: f64 = 0.05;

/// The limits of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) instructions: u64,
    /// The calls of the allocator by the thread. `None` if they depend on other threads.
    pub(super) allocations: Option<u64>,
}

/// The limits and goals in the file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Limits {
    of: BTreeMap<String, Limit>,
    goals: Vec<Goal>,
}

impl Limits {
    /// Reads the file. Without the file there are no limits, and the check reports each workload.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        match fs::read_to_string(root.join(FILE)) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{FILE} cannot be read: {error}")),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut limits = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.split_once('#').map_or(line, |(before, _)| before);
            let words: Vec<&str> = line.split_whitespace().collect();
            limits.line(&words).map_err(|error| format!("{FILE}, line {}: {error}", index + 1))?;
        }
        Ok(limits)
    }

    fn line(&mut self, words: &[&str]) -> Result<(), &'static str> {
        match words {
            [] => {}
            [name, instructions, "instructions"] => self.limit(name, instructions, None)?,
            [name, instructions, "instructions", allocations, "allocations" | "allocation"] => {
                self.limit(name, instructions, Some(allocations))?;
            }
            [name, share, "of", peer] => {
                let percent = share.strip_suffix('%').and_then(|number| number.parse().ok());
                let percent = percent.ok_or("the percentage is not a whole number")?;
                self.goals.push(Goal::new(name, Measure::Instructions { percent }, peer));
            }
            [name, "at", "least", part, peer] => {
                self.goals.push(Goal::new(name, Measure::Factor { least: part_of(part)? }, peer));
            }
            [name, more, "allocations" | "allocation", peer] => {
                let more = more.strip_prefix('+').and_then(|number| number.parse().ok());
                let more = more.ok_or("expected a number of additional allocations")?;
                self.goals.push(Goal::new(name, Measure::Allocations { more }, peer));
            }
            [name, part, peer] => {
                self.goals.push(Goal::new(name, Measure::Time { part: part_of(part)? }, peer));
            }
            _ => return Err("neither a limit nor a goal"),
        }
        Ok(())
    }

    fn limit(
        &mut self,
        name: &str,
        instructions: &str,
        allocations: Option<&&str>,
    ) -> Result<(), &'static str> {
        let number = |word: &str| word.parse().map_err(|_| "the limit is not a whole number");
        let allocations = allocations.map(|word| number(word)).transpose()?;
        let limit = Limit { instructions: number(instructions)?, allocations };
        match self.of.insert(name.to_owned(), limit) {
            None => Ok(()),
            Some(_) => Err("this workload already has a limit"),
        }
    }

    /// Returns the limits of a workload.
    pub(super) fn of(&self, name: &str) -> Option<Limit> {
        self.of.get(name).copied()
    }

    /// Returns the goals.
    pub(super) fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// Returns the names of the workloads with limits.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.of.keys().map(String::as_str)
    }
}

fn part_of(word: &str) -> Result<f64, &'static str> {
    let part = word.strip_suffix('x').and_then(|number| number.parse::<f64>().ok());
    part.filter(|part| part.is_finite() && *part > 0.0).ok_or("not a part of a peer's time")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn limits_and_comments_are_parsed() {
        let text = "# per operation\n\nstart 120 instructions 0 allocations # with margin\n  finish   80 instructions\n";
        let limits = Limits::parse(text).expect("the limits are valid");
        assert_eq!(limits.of("start"), Some(Limit { instructions: 120, allocations: Some(0) }));
        assert_eq!(limits.of("finish"), Some(Limit { instructions: 80, allocations: None }));
        assert_eq!(limits.of("other"), None);
        assert_eq!(limits.names().collect::<Vec<_>>(), ["finish", "start"]);
    }

    #[test]
    fn goals_are_parsed() {
        let text = "start 30% of sdk\nstart 0.40x sdk\nstart +1 allocation sdk\ntwo at least 0.95x control\n";
        let limits = Limits::parse(text).expect("the limits are valid");
        let expected = [
            Goal::new("start", Measure::Instructions { percent: 30 }, "sdk"),
            Goal::new("start", Measure::Time { part: 0.4 }, "sdk"),
            Goal::new("start", Measure::Allocations { more: 1 }, "sdk"),
            Goal::new("two", Measure::Factor { least: 0.95 }, "control"),
        ];
        assert_eq!(limits.goals(), expected);
    }

    #[test]
    fn an_invalid_line_is_reported_with_its_number() {
        for (text, reason) in [
            ("start", "line 1: neither a limit nor a goal"),
            ("a 1 instructions\nb 2 3", "line 2: not a part of a peer's time"),
            ("a -1 instructions", "line 1: the limit is not a whole number"),
            ("a 1 instructions x allocations", "line 1: the limit is not a whole number"),
            ("a 0.3 of b", "line 1: the percentage is not a whole number"),
            ("a 30% in b", "line 1: neither a limit nor a goal"),
            ("a 1 allocation b", "line 1: expected a number of additional allocations"),
            ("a -0.3x b", "line 1: not a part of a peer's time"),
            ("a 1 instructions\n\na 2 instructions", "line 3: this workload already has a limit"),
        ] {
            assert_eq!(Limits::parse(text), Err(format!("{FILE}, {reason}")), "{text}");
        }
    }
}
