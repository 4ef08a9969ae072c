//! End-to-end tests with real servers.

use std::time::Duration;

use crate::job::Job;
use crate::servers;
use crate::session::Session;

/// The package of the programs that the tests run.
const PROGRAMS: &str = "anytrace-examples";

/// The package of the tests, which a plain `cargo test` does not run.
const TESTS: &str = "anytrace-servers";

/// The time limit of the tests. It is longer than their own timeouts.
const LIMIT: Duration = Duration::from_mins(10);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(package) = session.project.package(TESTS) else {
        return session.fail(format!("package {TESTS} is missing"));
    };
    // Enables the same features as the other steps, so that nothing is built twice.
    let build = Job::cargo(["build", "-p", PROGRAMS, "--bins", "--examples", "--all-features"]);
    let tests = || {
        let test = Job::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]);
        test.with(package.targets("test").flat_map(|name| ["--test", name]))
    };
    if !session.run(&build) || !session.run(&tests().with(["--no-run"])) {
        return;
    }
    let test_servers = match servers::start_for_tests(session) {
        Ok(test_servers) => test_servers,
        Err(reason) => return session.fail(reason),
    };
    let tests = test_servers.variables.iter().fold(tests(), |tests, (name, value)| tests.set(name, value));
    session.run_tests(&tests.limit(LIMIT));
}
