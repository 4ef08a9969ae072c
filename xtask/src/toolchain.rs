//! Installing toolchains and components with `rustup`.

use crate::job::Job;
use crate::session::Session;

/// Installs a toolchain if it is missing.
pub(crate) fn need(session: &mut Session<'_>, version: &str) -> Result<(), String> {
    let installed = session.attempt(&Job::new("rustup", ["toolchain", "list"]))?;
    if names(&installed, version) {
        return Ok(());
    }
    let install =
        Job::new("rustup", ["toolchain", "install", version, "--profile", "minimal", "--no-self-update"]);
    session.attempt(&install).map(drop)
}

/// Installs components of a toolchain if they are missing.
pub(crate) fn need_components(
    session: &mut Session<'_>,
    version: &str,
    components: &[&str],
) -> Result<(), String> {
    let list = Job::new("rustup", ["component", "list", "--installed", "--toolchain", version]);
    let installed = session.attempt(&list)?;
    if components.iter().all(|component| names(&installed, component)) {
        return Ok(());
    }
    let add =
        Job::new("rustup", ["component", "add", "--toolchain", version]).with(components.iter().copied());
    session.attempt(&add).map(drop)
}

/// Adds a component to the current toolchain if its cargo command is missing.
pub(crate) fn need_command(session: &mut Session<'_>, command: &str, component: &str) {
    if session.attempt(&Job::cargo([command, "--version"])).is_err() {
        // If this fails, the command itself fails later with cargo's own advice.
        let _ = session.attempt(&Job::new("rustup", ["component", "add", component]));
    }
}

/// Returns whether rustup's list contains a name: `1.85.0-x86_64-unknown-linux-gnu (default)`, `miri-x86_64-…`,
/// `rust-src`.
fn names(list: &str, name: &str) -> bool {
    list.lines().filter_map(|line| line.split_whitespace().next()).any(|word| {
        word.strip_prefix(name).is_some_and(|suffix| suffix.is_empty() || suffix.starts_with('-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_name_is_found_with_and_without_its_host() {
        let list = "1.85.0-x86_64-unknown-linux-gnu (default)\nrust-src\n";
        assert!(names(list, "1.85.0"));
        assert!(names(list, "rust-src"));
        assert!(!names(list, "1.8"));
        assert!(!names(list, "1.85"));
        assert!(!names(list, "miri"));
    }
}
