//! The programs that are measured.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::job::Job;
use crate::session::Session;

/// The package they are in, whose documentation says what they are asked and what they print.
pub(super) const PACKAGE: &str = "anytrace-bench";

/// Whose cases have limits.
pub(super) const OURS: &str = "anytrace";

/// One workload done by one party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// What is done.
    pub(super) workload: String,
    /// Who does it.
    pub(super) party: String,
    /// The operations in one repeat.
    pub(super) operations: u64,
}

impl Case {
    fn parse(line: &str) -> Option<Self> {
        let [workload, party, operations] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
        let operations = operations.parse().ok().filter(|operations| *operations > 0)?;
        Some(Self { workload: workload.to_owned(), party: party.to_owned(), operations })
    }

    /// Whether it is ours.
    pub(super) fn is_ours(&self) -> bool {
        self.party == OURS
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.workload, self.party)
    }
}

/// The built programs, and the cases they have.
#[derive(Debug)]
pub(super) struct Programs {
    costs: PathBuf,
    allocations: PathBuf,
    cases: Vec<Case>,
}

impl Programs {
    /// Builds them as they are measured: optimised, with the names of functions, and with the peers.
    pub(super) fn build(session: &mut Session<'_>) -> Result<Self, String> {
        let build = Job::cargo(["build", "--profile", "bench", "-p", PACKAGE, "--features", "peers"]);
        session.attempt(&build.with(["--bin", "costs", "--bin", "allocations"]))?;
        // The profile `bench` shares the folder of `release`.
        let folder = session.project.target().join("release");
        let (costs, allocations) = (folder.join("costs"), folder.join("allocations"));
        let list = session.attempt(&Job::new(&costs, ["--list"]))?;
        let cases: Option<Vec<_>> = list.lines().map(Case::parse).collect();
        let cases = cases.filter(|cases| !cases.is_empty());
        let cases = cases.ok_or("`costs --list` does not name the cases")?;
        Ok(Self { costs, allocations, cases })
    }

    /// What counts and times.
    pub(super) fn costs(&self) -> &Path {
        &self.costs
    }

    /// What counts allocations.
    pub(super) fn allocations(&self) -> &Path {
        &self.allocations
    }

    /// All cases, in the program's order.
    pub(super) fn cases(&self) -> &[Case] {
        &self.cases
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn a_case_is_read_from_its_line() {
        let case = Case::parse("w3\tanytrace\t100").expect("it is right");
        assert!(case.is_ours());
        assert_eq!((case.to_string().as_str(), case.operations), ("w3 of anytrace", 100));
        for line in ["", "w3", "w3\tanytrace", "w3\tanytrace\t0", "w3\tanytrace\tmany", "w3\ta\t1\t2"] {
            assert_eq!(Case::parse(line), None, "{line}");
        }
    }
}
