//! Unit, integration and documentation tests, and the builds of examples and benchmarks.

use crate::job::Job;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    session.run_tests(&Job::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]));
}
