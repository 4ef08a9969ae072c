//! Tests with the public OpenTelemetry SDKs of Python and JavaScript.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::job::Job;
use crate::once::once;
use crate::packages;
use crate::session::Session;

/// The package of the tests, which a plain `cargo test` does not run.
const TESTS: &str = "anytrace-interop";

/// The folder of the peers and their package lists.
const PEERS: &str = "tests/interop";

/// The time limit of the tests.
const LIMIT: Duration = Duration::from_mins(5);

/// The oldest versions that the SDKs support.
const OLDEST_PYTHON: (u32, u32) = (3, 10);
const OLDEST_NODE: (u32, u32) = (18, 19);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(package) = session.project.package(TESTS) else {
        return session.fail(format!("package {TESTS} is missing"));
    };
    // Enables the same features as the other steps, so that nothing is built twice.
    let tests = || {
        let test = Job::cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]);
        test.with(package.targets("test").flat_map(|name| ["--test", name]))
    };
    if !session.run(&tests().with(["--no-run"])) {
        return;
    }
    let folders = python(session).and_then(|python| Ok((python, node(session)?)));
    let (python, node) = match folders {
        Ok(folders) => folders,
        Err(reason) => return session.fail(reason),
    };
    let tests = tests().set("ANYTRACE_PYTHON_PACKAGES", python).set("ANYTRACE_NODE_PACKAGES", node);
    session.run_tests(&tests.limit(LIMIT));
}

/// Returns the folder of Python's packages. A plain folder instead of a virtual environment, because it can be renamed.
fn python(session: &mut Session<'_>) -> Result<PathBuf, String> {
    need(session, "python3", "python3", OLDEST_PYTHON)?;
    fetched(session, "python", &["requirements.txt"], |session, part| {
        packages::need(session, &Job::new("python3", ["-m", "pip", "--version"]), "python3-pip")?;
        let install = Job::new("python3", ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .with(["--no-deps".into(), "--target".into(), part.as_os_str().to_owned()])
            .with([OsString::from("--requirement"), part.join("requirements.txt").into()]);
        session.attempt(&install).map(drop)
    })
}

/// Returns the folder of Node's packages.
fn node(session: &mut Session<'_>) -> Result<PathBuf, String> {
    need(session, "node", "nodejs", OLDEST_NODE)?;
    fetched(session, "node", &["package.json", "package-lock.json"], |session, part| {
        packages::need(session, &Job::new("npm", ["--version"]), "npm")?;
        let install = Job::new("npm", ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
            .with([OsString::from("--prefix"), part.as_os_str().to_owned()]);
        session.attempt(&install).map(drop)
    })
}

/// Installs the program if it is missing and can be installed, and checks its version.
fn need(session: &mut Session<'_>, program: &str, package: &str, oldest: (u32, u32)) -> Result<(), String> {
    let probe = Job::new(program, ["--version"]);
    packages::need(session, &probe, package)?;
    let (major, minor) = oldest;
    let printed = session.attempt(&probe)?;
    let found = version(&printed);
    found
        .is_some_and(|found| found >= oldest)
        .then_some(())
        .ok_or_else(|| format!("{program} {major}.{minor} or later is needed, found {}", printed.trim()))
}

/// Returns a folder of packages, which is fetched once for each content of the package lists.
fn fetched(
    session: &mut Session<'_>,
    language: &str,
    lists: &[&str],
    fetch: impl FnOnce(&mut Session<'_>, &Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let peer = session.project.root().join(PEERS).join(language);
    let failed = |error: std::io::Error| format!("the packages of {language}: {error}");
    let mut texts = Vec::new();
    for list in lists {
        texts.push(fs::read(peer.join(list)).map_err(failed)?);
    }
    let folder = session.project.cache().join("interop");
    let folder = once(&folder, &format!("{language}-{:016x}", key(&texts)), |part| {
        for (list, text) in lists.iter().zip(&texts) {
            fs::write(part.join(list), text).map_err(failed)?;
        }
        fetch(session, part)
    });
    folder.map_err(|why| format!("the packages of {language} cannot be fetched: {why}"))
}

/// The key may change between Rust versions, which only causes another download.
fn key(texts: &[Vec<u8>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for text in texts {
        hasher.write_usize(text.len());
        hasher.write(text);
    }
    hasher.finish()
}

/// Parses `Python 3.11.7` or `v20.20.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().last()?.trim_start_matches('v');
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_parsed() {
        assert_eq!(version("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(
            version("Python 3.9.2").unwrap() < OLDEST_PYTHON && version("v18.19.1").unwrap() >= OLDEST_NODE
        );
        assert_eq!(version(""), None);
    }

    #[test]
    fn a_changed_package_list_has_another_key() {
        let key =
            |texts: &[&str]| key(&texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        assert_eq!(key(&["a==1"]), key(&["a==1"]));
        assert!(key(&["a==1"]) != key(&["a==2"]) && key(&["a", "b"]) != key(&["ab", ""]));
    }
}
