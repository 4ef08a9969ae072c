//! Each published crate, built and tested without the features that other packages of the workspace enable.

use crate::job::Job;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    for package in session.project.published() {
        let name = package.name();
        session.run_tests(&Job::cargo(["test", "--no-fail-fast", "-p", name]));
        let check = || Job::cargo(["check", "-p", name, "--no-default-features"]);
        session.run(&check());
        for feature in package.features() {
            session.run(&check().with(["--features", feature]));
        }
    }
}
