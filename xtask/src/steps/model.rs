//! Small models of the concurrent parts, run in every order that loom finds.

use crate::job::Job;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let target = session.project.target().join("loom");
    // In release: the number of orders is large and each is short.
    let test = Job::cargo(["test", "-p", "anytrace-model", "--release", "--no-fail-fast"]);
    session.run_tests(&test.set("RUSTFLAGS", "--cfg loom").set("CARGO_TARGET_DIR", target));
}
