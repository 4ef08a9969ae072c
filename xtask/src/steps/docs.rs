//! The documentation, built without warnings.

use crate::job::Job;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let doc = Job::cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    session.run(&doc.set("RUSTDOCFLAGS", "-D warnings"));
}
