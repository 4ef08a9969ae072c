//! What operations may cost.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::goal::{Goal, Measure};

/// The file, from the root. `#` begins a comment; the lines are
///
/// | line | what is meant |
/// |---|---|
/// | `start 120 instructions 0 allocations` | the limits of our workload `start`, with the margin |
/// | `start 30% of peer` | checked: the share of the peer's instructions |
/// | `start 0.40x peer` | a goal: the part of the peer's time |
/// | `start +1 allocation peer` | a goal: how many allocations more than the peer's |
/// | `two_threads at least 0.95x control` | a goal: the part of the control's factor |
pub(super) const FILE: &str = "tests/bench/limits.txt";

/// So much above a number of allocations, once in twenty operations, is still that number: queues grow now and then.
pub(super) const NOW_AND_THEN: f64 = 0.05;

/// What one operation may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) instructions: u64,
    /// How often the allocator may be asked by the thread that does it; not said where it depends on what else is done.
    pub(super) allocations: Option<u64>,
}

/// The limit of each workload, and how it is to stand beside peers.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Limits {
    of: BTreeMap<String, Limit>,
    goals: Vec<Goal>,
}

impl Limits {
    /// Reads the file. Without it no workload has a limit, which is for the check to complain of.
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
            limits.line(&words).map_err(|what| format!("{FILE}, line {}: {what}", index + 1))?;
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
                let percent = percent.ok_or("the share is no whole number of percent")?;
                self.goals.push(Goal::new(name, Measure::Instructions { percent }, peer));
            }
            [name, "at", "least", part, peer] => {
                self.goals.push(Goal::new(name, Measure::Factor { least: part_of(part)? }, peer));
            }
            [name, more, "allocations" | "allocation", peer] => {
                let more = more.strip_prefix('+').and_then(|number| number.parse().ok());
                let more = more.ok_or("a number of more allocations is expected")?;
                self.goals.push(Goal::new(name, Measure::Allocations { more }, peer));
            }
            [name, part, peer] => {
                self.goals.push(Goal::new(name, Measure::Time { part: part_of(part)? }, peer));
            }
            _ => return Err("this is neither a limit nor a goal"),
        }
        Ok(())
    }

    fn limit(
        &mut self,
        name: &str,
        instructions: &str,
        allocations: Option<&&str>,
    ) -> Result<(), &'static str> {
        let number = |word: &str| word.parse().map_err(|_| "the limit is no whole number");
        let allocations = allocations.map(|word| number(word)).transpose()?;
        let limit = Limit { instructions: number(instructions)?, allocations };
        match self.of.insert(name.to_owned(), limit) {
            None => Ok(()),
            Some(_) => Err("this name has a limit already"),
        }
    }

    /// The limit of one workload.
    pub(super) fn of(&self, name: &str) -> Option<Limit> {
        self.of.get(name).copied()
    }

    /// How ours are to stand beside peers.
    pub(super) fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// The workloads that have a limit.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.of.keys().map(String::as_str)
    }
}

fn part_of(word: &str) -> Result<f64, &'static str> {
    let part = word.strip_suffix('x').and_then(|number| number.parse::<f64>().ok());
    part.filter(|part| part.is_finite() && *part > 0.0).ok_or("this is no part of a peer's time")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn limits_and_comments_are_read() {
        let text = "# per operation\n\nstart 120 instructions 0 allocations # with margin\n  finish   80 instructions\n";
        let limits = Limits::parse(text).expect("it is right");
        assert_eq!(limits.of("start"), Some(Limit { instructions: 120, allocations: Some(0) }));
        assert_eq!(limits.of("finish"), Some(Limit { instructions: 80, allocations: None }));
        assert_eq!(limits.of("other"), None);
        assert_eq!(limits.names().collect::<Vec<_>>(), ["finish", "start"]);
    }

    #[test]
    fn goals_are_read_beside_limits() {
        let text = "start 30% of sdk\nstart 0.40x sdk\nstart +1 allocation sdk\ntwo at least 0.95x control\n";
        let limits = Limits::parse(text).expect("it is right");
        let expected = [
            Goal::new("start", Measure::Instructions { percent: 30 }, "sdk"),
            Goal::new("start", Measure::Time { part: 0.4 }, "sdk"),
            Goal::new("start", Measure::Allocations { more: 1 }, "sdk"),
            Goal::new("two", Measure::Factor { least: 0.95 }, "control"),
        ];
        assert_eq!(limits.goals(), expected);
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, reason) in [
            ("start", "line 1: this is neither a limit nor a goal"),
            ("a 1 instructions\nb 2 3", "line 2: this is no part of a peer's time"),
            ("a -1 instructions", "line 1: the limit is no whole number"),
            ("a 1 instructions x allocations", "line 1: the limit is no whole number"),
            ("a 0.3 of b", "line 1: the share is no whole number of percent"),
            ("a 30% in b", "line 1: this is neither a limit nor a goal"),
            ("a 1 allocation b", "line 1: a number of more allocations is expected"),
            ("a -0.3x b", "line 1: this is no part of a peer's time"),
            ("a 1 instructions\n\na 2 instructions", "line 3: this name has a limit already"),
        ] {
            assert_eq!(Limits::parse(text), Err(format!("{FILE}, {reason}")), "{text}");
        }
    }
}
