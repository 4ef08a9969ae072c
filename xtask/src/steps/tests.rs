//! All tests: unit, integration and documentation, and that examples and benches build.

use crate::job::Job;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    session.run_tests(&Job::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]));
}
