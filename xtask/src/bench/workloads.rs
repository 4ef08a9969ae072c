//! The program whose instructions are counted.

use std::path::{Path, PathBuf};

use crate::job::Job;
use crate::session::Session;

/// The package it is in.
const PACKAGE: &str = "anytrace-bench";

/// A program of that package. `PROGRAM --list` prints one workload a line; `PROGRAM NAME N` runs one N times, inside a
/// function that is never inlined and whose name holds `workload_NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    /// `counts`: each workload has a limit.
    Ours,
    /// `peers`: others' libraries, behind a feature since they are many to build. Only ours have limits.
    Peers,
}

impl Party {
    fn binary(self) -> &'static str {
        match self {
            Party::Ours => "counts",
            Party::Peers => "peers",
        }
    }

    fn features(self) -> &'static [&'static str] {
        match self {
            Party::Ours => &[],
            Party::Peers => &["--features", "peers"],
        }
    }
}

/// A built program and the workloads it has.
#[derive(Debug)]
pub(super) struct Workloads {
    party: Party,
    program: PathBuf,
    names: Vec<String>,
}

impl Workloads {
    /// Builds the program as it is measured: optimised, with the names of functions.
    pub(super) fn build(session: &mut Session<'_>, party: Party) -> Result<Self, String> {
        let binary = party.binary();
        let package =
            session.project.package(PACKAGE).ok_or_else(|| format!("there is no package {PACKAGE}"))?;
        if !package.targets("bin").any(|name| name == binary) {
            return Err(format!("{PACKAGE} has no binary `{binary}`: there is nothing to count"));
        }
        let build = Job::cargo(["build", "--profile", "bench", "-p", PACKAGE, "--bin", binary]);
        session.attempt(&build.with(party.features().iter().copied()))?;
        // The profile `bench` shares the folder of `release`.
        let program = session.project.target().join("release").join(binary);
        let list = session.attempt(&Job::new(&program, ["--list"]))?;
        let names: Vec<String> =
            list.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
        if names.is_empty() {
            Err(format!("`{binary} --list` names no workload"))
        } else {
            Ok(Self { party, program, names })
        }
    }

    /// Whose they are.
    pub(super) fn party(&self) -> Party {
        self.party
    }

    /// The program.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The workloads, in the order the program names them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether there is a workload of that name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }
}
