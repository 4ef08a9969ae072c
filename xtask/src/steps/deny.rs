//! `cargo deny`: bans, licences, sources and security advisories of the dependencies.

use std::path::PathBuf;
use std::time::Duration;

use crate::job::Job;
use crate::session::Session;

/// The version that is installed if it is missing. Other versions may interpret `deny.toml` differently.
const VERSION: &str = "0.20.2";

/// The time limit for fetching the advisory database.
const FETCH: Duration = Duration::from_mins(1);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(program) = installed(session) else { return };
    let deny = |args: &[&str]| Job::new(&program, args.iter().copied());
    session.run(&deny(&["check", "bans", "licenses", "sources"]));
    if session.attempt(&deny(&["fetch", "db"]).limit(FETCH)).is_ok() {
        session.run(&deny(&["check", "advisories"]));
    } else {
        session.notice("advisories were not checked: the database could not be fetched");
    }
}

/// Returns the path of the program, which is installed into the cache folder if it is missing.
fn installed(session: &mut Session<'_>) -> Option<PathBuf> {
    let tools = session.project.cache().join("tools");
    let program = tools.join("bin/cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    let version = session.attempt(&Job::new(&program, ["--version"])).unwrap_or_default();
    if version.trim().ends_with(&format!(" {VERSION}")) {
        return Some(program);
    }
    let install =
        Job::cargo(["install", "cargo-deny", "--locked", "--force", "--version", VERSION, "--root"]);
    // Cargo builds in a temporary folder and removes it, so the project's target folder does not grow.
    session.run(&install.with([tools]).unset("CARGO_TARGET_DIR")).then_some(program)
}
