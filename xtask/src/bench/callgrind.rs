//! Counting instructions with valgrind's callgrind.

use std::fs;

use super::programs::{Case, Programs};
use crate::job::Job;
use crate::packages;
use crate::session::Session;

/// Installs valgrind where it is missing and we may.
pub(super) fn need(session: &mut Session<'_>) -> Result<(), String> {
    packages::need(session, &Job::new("valgrind", ["--version"]), "valgrind")
}

/// The instructions of one operation of a case, of which about so many are done.
pub(super) fn instructions(
    session: &mut Session<'_>,
    programs: &Programs,
    case: &Case,
    operations: u64,
) -> Result<f64, String> {
    let repeats = (operations / case.operations).max(1);
    let folder = session.project.target().join("xtask/callgrind");
    let profile = folder.join(format!("{}.{}.out", case.workload, case.party));
    fs::create_dir_all(&folder).map_err(|error| format!("the profile's folder cannot be made: {error}"))?;
    // What is counted is in functions of these names; the other one is called when all is set up.
    let valgrind = Job::new("valgrind", ["--quiet", "--tool=callgrind"])
        .with(["--toggle-collect=*workload_*", "--zero-before=*counted_from_here*"])
        .with([format!("--callgrind-out-file={}", profile.display())])
        .with([programs.costs()])
        .with(["count", &case.workload, &case.party, &repeats.to_string()]);
    session.attempt(&valgrind)?;
    let text = fs::read_to_string(&profile).map_err(|error| format!("no profile of {case}: {error}"))?;
    match total(&text) {
        Some(0) => Err(format!("{case} has no function named workload_*")),
        Some(instructions) => Ok(instructions as f64 / (repeats * case.operations) as f64),
        None => Err(format!("the profile of {case} has no total")),
    }
}

/// The first cost (instructions) in a profile's `summary:` or `totals:` line.
fn total(profile: &str) -> Option<u64> {
    let line = |key: &str| profile.lines().find_map(|line| line.strip_prefix(key));
    line("summary:").or_else(|| line("totals:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn the_total_is_read_from_either_line() {
        let profile = "version: 1\nevents: Ir\nsummary: 1234\n\nfn=(1) main\n3 17\ntotals: 1234\n";
        assert_eq!(total(profile), Some(1234));
        assert_eq!(total("events: Ir Bc\ntotals: 77 3\n"), Some(77));
        assert_eq!(total("summary: \n"), None);
        assert_eq!(total(""), None);
    }
}
