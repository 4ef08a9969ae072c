//! The tests of the crates with concurrent parts, interpreted: undefined behaviour, data races and leaks, in our
//! code and in what it depends on.

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// The crates looked at.
const CRATES: &[&str] = &["anytrace-api", "anytrace-recorder"];

/// The targets looked at. Miri takes about a hundred times as long as the processor: when that is too long, name
/// the targets that matter here, for example `&["--lib", "--test", "threads"]`.
const TARGETS: &[&str] = &["--lib", "--test", "account", "--test", "current", "--test", "futures"];

/// What has no concurrency and takes Miri minutes: drawing.
const LEFT_OUT: &[&str] = &["--", "--skip", "console::"];

/// What Miri is told. Tests read clocks and the environment, which isolation would refuse; a process may end while a
/// reporter's thread still runs; and `parking_lot` makes pointers of integers.
const FLAGS: &str = "-Zmiri-disable-isolation -Zmiri-ignore-leaks -Zmiri-permissive-provenance";

/// The toolchain that has it.
const TOOLCHAIN: &str = "nightly";

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let needed = toolchain::need(session, TOOLCHAIN)
        .and_then(|()| toolchain::need_components(session, TOOLCHAIN, &["miri", "rust-src"]));
    if needed.is_err() {
        session.notice("nothing was interpreted: nightly with Miri could not be had");
        return;
    }
    let target = session.project.target().join("miri");
    let crates = CRATES.iter().flat_map(|name| ["-p", name]);
    let test = Job::cargo(["+nightly", "miri", "test", "--no-fail-fast"])
        .with(crates)
        .with(TARGETS.iter().copied())
        .with(LEFT_OUT.iter().copied());
    session.run_tests(&test.set("MIRIFLAGS", FLAGS).set("CARGO_TARGET_DIR", target));
}
