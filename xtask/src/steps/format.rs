//! `cargo fmt` without changes.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    toolchain::need_command(session, "fmt", "rustfmt");
    // The fuzz targets are in a workspace of their own.
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let fmt = Job::cargo(["fmt", "--all", "--check", "--manifest-path", manifest]);
        session.run(&fmt.with(["--", "--color", "never"]));
    }
}
