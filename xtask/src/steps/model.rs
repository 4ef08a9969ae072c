//! Models of the concurrent code, run by loom under all thread interleavings.

use crate::job::Job;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let target = session.project.target().join("loom");
    // The release profile, because loom runs very many short interleavings.
    let test = Job::cargo(["test", "-p", "anytrace-model", "--release", "--no-fail-fast"]);
    session.run_tests(&test.set("RUSTFLAGS", "--cfg loom").set("CARGO_TARGET_DIR", target));
}
