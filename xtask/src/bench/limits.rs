//! What operations may cost.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::share::Share;

/// The file, from the root: lines of a workload's name and its limit in instructions, with the margin, or of its name
/// and the share of a peer's workload that it may cost, as in `start 30% of peer_start`; `#` begins a comment.
pub(super) const FILE: &str = "tests/bench/limits.txt";

/// The limit of each workload, and how it is to stand beside peers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    of: BTreeMap<String, u64>,
    shares: Vec<Share>,
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

    fn parse(text: &str) -> Result<Self, String> {
        let (mut of, mut shares) = (BTreeMap::new(), Vec::new());
        for (index, line) in text.lines().enumerate() {
            let wrong = |what: &str| format!("{FILE}, line {}: {what}", index + 1);
            let line = line.split_once('#').map_or(line, |(before, _)| before);
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [name, limit] => {
                    let limit = limit.parse().map_err(|_| wrong("the limit is no whole number"))?;
                    if of.insert((*name).to_owned(), limit).is_some() {
                        return Err(wrong("this name has a limit already"));
                    }
                }
                [ours, percent, "of", peer] => {
                    let percent = percent.strip_suffix('%').and_then(|number| number.parse().ok());
                    let percent = percent.ok_or_else(|| wrong("the share is no whole number of percent"))?;
                    shares.push(Share::new(ours, percent, peer));
                }
                _ => return Err(wrong("a name and a number are expected")),
            }
        }
        Ok(Self { of, shares })
    }

    /// The limit of one workload.
    pub(super) fn of(&self, name: &str) -> Option<u64> {
        self.of.get(name).copied()
    }

    /// What ours may cost beside peers.
    pub(super) fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// The workloads that have a limit.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.of.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn names_numbers_and_comments_are_read() {
        let limits = Limits::parse("# per operation\n\nstart 120 # with margin\n  finish   80\n")
            .expect("it is right");
        assert_eq!(
            (limits.of("start"), limits.of("finish"), limits.of("other")),
            (Some(120), Some(80), None)
        );
        assert_eq!(limits.names().collect::<Vec<_>>(), ["finish", "start"]);
    }

    #[test]
    fn shares_are_read_beside_limits() {
        let limits = Limits::parse("start 120\nstart 30% of peer_start\n").expect("it is right");
        assert_eq!(limits.of("start"), Some(120));
        assert_eq!(limits.shares(), [Share::new("start", 30, "peer_start")]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, reason) in [
            ("start", "line 1: a name and a number are expected"),
            ("a 1\nb 2 3", "line 2: a name and a number are expected"),
            ("a -1", "line 1: the limit is no whole number"),
            ("a 0.3 of b", "line 1: the share is no whole number of percent"),
            ("a 30% in b", "line 1: a name and a number are expected"),
            ("a 1\n\na 2", "line 3: this name has a limit already"),
        ] {
            assert_eq!(Limits::parse(text), Err(format!("{FILE}, {reason}")));
        }
    }
}
