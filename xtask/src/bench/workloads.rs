//! The program whose instructions are counted.

use std::path::{Path, PathBuf};

use crate::job::Job;
use crate::session::Session;

/// The package it is in.
const PACKAGE: &str = "anytrace-bench";

/// Its name. `counts --list` prints one workload a line; `counts NAME N` runs one N times, inside a function that
/// is never inlined and whose name holds `workload_NAME`.
const BINARY: &str = "counts";

/// The built program and the workloads it has.
#[derive(Debug, Default)]
pub(super) struct Workloads {
    program: PathBuf,
    names: Vec<String>,
}

impl Workloads {
    /// Builds the program as it is measured: optimised, with the names of functions.
    pub(super) fn build(session: &mut Session<'_>) -> Result<Self, String> {
        let package =
            session.project.package(PACKAGE).ok_or_else(|| format!("there is no package {PACKAGE}"))?;
        if !package.targets("bin").any(|name| name == BINARY) {
            return Err(format!("{PACKAGE} has no binary `{BINARY}`: there is nothing to count"));
        }
        session.attempt(&Job::cargo(["build", "--profile", "bench", "-p", PACKAGE, "--bin", BINARY]))?;
        // The profile `bench` shares the folder of `release`.
        let program = session.project.target().join("release").join(BINARY);
        let list = session.attempt(&Job::new(&program, ["--list"]))?;
        let names: Vec<String> =
            list.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
        if names.is_empty() {
            Err(format!("`{BINARY} --list` names no workload"))
        } else {
            Ok(Self { program, names })
        }
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

    /// Whether there is none, as when it could not be built.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
