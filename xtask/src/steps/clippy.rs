//! `cargo clippy` without warnings.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    toolchain::need_command(session, "clippy", "clippy");
    // `--all-targets` omits tests with `test = false`.
    for targets in [&["--all-targets"][..], &["--test", "*"]] {
        let clippy = Job::cargo(["clippy", "--workspace", "--all-features"]).with(targets.iter().copied());
        session.run(&clippy.with(["--", "-D", "warnings"]));
    }
}
