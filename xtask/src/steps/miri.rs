//! The tests of crates with concurrent code under Miri, which finds undefined behaviour, data races and leaks, also in
//! dependencies.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// The tested crates.
const CRATES: &[&str] = &["anytrace-api", "anytrace-recorder"];

/// The tested targets. Miri is about a hundred times slower than native code. If a run takes too long, restrict the
/// targets, for example to `&["--lib", "--test", "threads"]`.
const TARGETS: &[&str] = &["--lib", "--test", "account", "--test", "current", "--test", "futures"];

/// Rendering has no concurrency, and takes minutes under Miri.
const SKIPPED: &[&str] = &["--", "--skip", "console::"];

/// Miri's options. Tests read clocks and the environment, which isolation forbids; a process may end while a reporter
/// thread is running; and `parking_lot` converts integers to pointers.
const FLAGS: &str = "-Zmiri-disable-isolation -Zmiri-ignore-leaks -Zmiri-permissive-provenance";

/// The toolchain that contains Miri.
const TOOLCHAIN: &str = "nightly";

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let needed = toolchain::need(session, TOOLCHAIN)
        .and_then(|()| toolchain::need_components(session, TOOLCHAIN, &["miri", "rust-src"]));
    if needed.is_err() {
        session.notice("Miri skipped: the nightly toolchain with Miri could not be installed");
        return;
    }
    let target = session.project.target().join("miri");
    let crates = CRATES.iter().flat_map(|name| ["-p", name]);
    let test = Job::cargo(["+nightly", "miri", "test", "--no-fail-fast"])
        .with(crates)
        .with(TARGETS.iter().copied())
        .with(SKIPPED.iter().copied());
    session.run_tests(&test.set("MIRIFLAGS", FLAGS).set("CARGO_TARGET_DIR", target));
}
