//! The benchmark programs.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::job::Job;
use crate::session::Session;

/// The package of the programs. Its documentation describes their arguments and their output.
pub(super) const PACKAGE: &str = "anytrace-bench";

/// The party whose workloads have limits.
pub(super) const ANYTRACE: &str = "anytrace";

/// A workload implemented by a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// The name of the workload.
    pub(super) workload: String,
    /// The name of the party.
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

    /// True for a case of anytrace.
    pub(super) fn is_anytrace(&self) -> bool {
        self.party == ANYTRACE
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.workload, self.party)
    }
}

/// The built programs and their cases.
#[derive(Debug)]
pub(super) struct Programs {
    costs: PathBuf,
    allocations: PathBuf,
    cases: Vec<Case>,
}

impl Programs {
    /// Builds the programs with optimisation, with function names, and with the peers.
    pub(super) fn build(session: &mut Session<'_>) -> Result<Self, String> {
        let build = Job::cargo(["build", "--profile", "bench", "-p", PACKAGE, "--features", "peers"]);
        session.attempt(&build.with(["--bin", "costs", "--bin", "allocations"]))?;
        // The profile `bench` uses the folder of `release`.
        let folder = session.project.target().join("release");
        let (costs, allocations) = (folder.join("costs"), folder.join("allocations"));
        let list = session.attempt(&Job::new(&costs, ["--list"]))?;
        let cases: Option<Vec<_>> = list.lines().map(Case::parse).collect();
        let cases = cases.filter(|cases| !cases.is_empty());
        let cases = cases.ok_or("`costs --list` printed no valid list of cases")?;
        Ok(Self { costs, allocations, cases })
    }

    /// Returns the path of the program for instructions and times.
    pub(super) fn costs(&self) -> &Path {
        &self.costs
    }

    /// Returns the path of the program for allocations.
    pub(super) fn allocations(&self) -> &Path {
        &self.allocations
    }

    /// Returns all cases in the program's order.
    pub(super) fn cases(&self) -> &[Case] {
        &self.cases
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn a_case_is_parsed_from_its_line() {
        let case = Case::parse("w3\tanytrace\t100").expect("the line is valid");
        assert!(case.is_anytrace());
        assert_eq!((case.to_string().as_str(), case.operations), ("w3 of anytrace", 100));
        for line in ["", "w3", "w3\tanytrace", "w3\tanytrace\t0", "w3\tanytrace\tmany", "w3\ta\t1\t2"] {
            assert_eq!(Case::parse(line), None, "{line}");
        }
    }
}
