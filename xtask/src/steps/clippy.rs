//! `cargo clippy` has nothing to say.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    toolchain::need_command(session, "clippy", "clippy");
    session.run(
        &Job::cargo(["clippy", "--workspace", "--all-targets", "--all-features"])
            .with(["--", "-D", "warnings"]),
    );
}
