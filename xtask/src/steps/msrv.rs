//! Each published crate, built with the minimum toolchain of its manifest.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let target = session.project.target().join("msrv");
    for package in session.project.published() {
        // The step `manifests` reports a crate without a minimum toolchain.
        let Some(version) = package.oldest_toolchain() else { continue };
        if let Err(reason) = toolchain::need(session, &version) {
            session.fail(format!("the toolchain {version} cannot be installed: {reason}"));
            continue;
        }
        for features in [&[][..], &["--all-features"]] {
            let toolchain = format!("+{version}");
            let check = Job::cargo([toolchain.as_str(), "check", "--locked", "-p", package.name()]);
            session.run(&check.with(features.iter().copied()).set("CARGO_TARGET_DIR", &target));
        }
    }
}
