//! Counting instructions with valgrind's callgrind.

use std::fs;

use super::programs::{Case, Programs};
use crate::job::Job;
use crate::packages;
use crate::session::Session;

/// Installs valgrind if it is missing and can be installed.
pub(super) fn need(session: &mut Session<'_>) -> Result<(), String> {
    packages::need(session, &Job::new("valgrind", ["--version"]), "valgrind")
}

/// Returns the instructions of one operation of a case, counted over about this number of operations.
pub(super) fn instructions(
    session: &mut Session<'_>,
    programs: &Programs,
    case: &Case,
    operations: u64,
) -> Result<f64, String> {
    let repeats = (operations / case.operations).max(1);
    let folder = session.project.target().join("xtask/callgrind");
    let profile = folder.join(format!("{}.{}.out", case.workload, case.party));
    fs::create_dir_all(&folder)
        .map_err(|error| format!("the folder of the profiles cannot be created: {error}"))?;
    // Callgrind counts within functions of the first name. A call of the second one, after the setup, resets the
    // counts.
    let valgrind = Job::new("valgrind", ["--quiet", "--tool=callgrind"])
        .with(["--toggle-collect=*workload_*", "--zero-before=*counted_from_here*"])
        .with([format!("--callgrind-out-file={}", profile.display())])
        .with([programs.costs()])
        .with(["count", &case.workload, &case.party, &repeats.to_string()]);
    session.attempt(&valgrind)?;
    let text = fs::read_to_string(&profile)
        .map_err(|error| format!("the profile of {case} cannot be read: {error}"))?;
    match total(&text) {
        Some(0) => Err(format!("{case} has no function named workload_*")),
        Some(instructions) => Ok(instructions as f64 / (repeats * case.operations) as f64),
        None => Err(format!("the profile of {case} has no total")),
    }
}

/// Returns the first cost (instructions) in the line `summary:` or `totals:` of a profile.
fn total(profile: &str) -> Option<u64> {
    let line = |key: &str| profile.lines().find_map(|line| line.strip_prefix(key));
    line("summary:").or_else(|| line("totals:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn the_total_is_parsed_from_either_line() {
        let profile = "version: 1\nevents: Ir\nsummary: 1234\n\nfn=(1) main\n3 17\ntotals: 1234\n";
        assert_eq!(total(profile), Some(1234));
        assert_eq!(total("events: Ir Bc\ntotals: 77 3\n"), Some(77));
        assert_eq!(total("summary: \n"), None);
        assert_eq!(total(""), None);
    }
}
