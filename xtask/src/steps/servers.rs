//! What the real servers hold of the spans that are sent to them.

use std::time::Duration;

use crate::job::Job;
use crate::servers;
use crate::session::Session;

/// The package of the programs that the tests run.
const PROGRAMS: &str = "anytrace-examples";

/// The package of the tests, which no blanket `cargo test` runs.
const TESTS: &str = "anytrace-servers";

/// How long they may take: longer than each of their own waits.
const LIMIT: Duration = Duration::from_mins(10);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(package) = session.project.package(TESTS) else {
        return session.fail(format!("there is no package {TESTS}"));
    };
    // With the same features as everything else is built with, so that it is built once.
    let build = Job::cargo(["build", "-p", PROGRAMS, "--bins", "--examples", "--all-features"]);
    let tests = || {
        let test = Job::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]);
        test.with(package.targets("test").flat_map(|name| ["--test", name]))
    };
    if !session.run(&build) || !session.run(&tests().with(["--no-run"])) {
        return;
    }
    let lent = match servers::lend(session) {
        Ok(lent) => lent,
        Err(reason) => return session.fail(reason),
    };
    let tests = lent.variables.iter().fold(tests(), |tests, (name, value)| tests.set(name, value));
    session.run_tests(&tests.limit(LIMIT));
}
