//! `cargo clippy` has nothing to say.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    toolchain::need_command(session, "clippy", "clippy");
    // Tests that only run when they are named are no part of all targets.
    for targets in [&["--all-targets"][..], &["--test", "*"]] {
        let clippy = Job::cargo(["clippy", "--workspace", "--all-features"]).with(targets.iter().copied());
        session.run(&clippy.with(["--", "-D", "warnings"]));
    }
}
