//! Programs from the system's packages.

use crate::job::Job;
use crate::session::Session;

/// Installs a package if its program is missing and can be installed. `probe` is a command that succeeds if the program
/// exists.
pub(crate) fn need(session: &mut Session<'_>, probe: &Job, package: &str) -> Result<(), String> {
    if session.attempt(probe).is_ok() {
        return Ok(());
    }
    let root = session.attempt(&Job::new("id", ["-u"])).is_ok_and(|id| id.trim() == "0");
    if !root || session.attempt(&Job::new("apt-get", ["--version"])).is_err() {
        return Err(format!("{package} is missing: install it with the system's package manager"));
    }
    let install = Job::new("apt-get", ["install", "-y", package]).set("DEBIAN_FRONTEND", "noninteractive");
    if session.attempt(&install).is_err() {
        // A newly installed machine has no package lists.
        session.attempt(&Job::new("apt-get", ["update"]))?;
        session.attempt(&install)?;
    }
    session.attempt(probe).map(drop)
}
