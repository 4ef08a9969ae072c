//! `cargo fmt` would change nothing.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    toolchain::need_command(session, "fmt", "rustfmt");
    session.run(&Job::cargo(["fmt", "--all", "--check", "--", "--color", "never"]));
}
