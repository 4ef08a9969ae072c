//! What the public OpenTelemetry SDKs of Python and Node understand of us, and we of them.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::job::Job;
use crate::once::once;
use crate::packages;
use crate::session::Session;

/// The package of the tests, which no blanket `cargo test` runs.
const TESTS: &str = "anytrace-interop";

/// Where their peers are, and what those need.
const PEERS: &str = "tests/interop";

/// How long they may take.
const LIMIT: Duration = Duration::from_mins(5);

/// The oldest that the SDKs run with.
const OLDEST_PYTHON: (u32, u32) = (3, 10);
const OLDEST_NODE: (u32, u32) = (18, 19);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(package) = session.project.package(TESTS) else {
        return session.fail(format!("there is no package {TESTS}"));
    };
    // With the same features as everything else is built with, so that it is built once.
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

/// The folder with Python's packages. A plain folder and not an environment of Python's, since it can be renamed.
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

/// The folder in which Node's packages are.
fn node(session: &mut Session<'_>) -> Result<PathBuf, String> {
    need(session, "node", "nodejs", OLDEST_NODE)?;
    fetched(session, "node", &["package.json", "package-lock.json"], |session, part| {
        packages::need(session, &Job::new("npm", ["--version"]), "npm")?;
        let install = Job::new("npm", ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
            .with([OsString::from("--prefix"), part.as_os_str().to_owned()]);
        session.attempt(&install).map(drop)
    })
}

/// The program, installed where it is missing and we may, and new enough.
fn need(session: &mut Session<'_>, program: &str, package: &str, oldest: (u32, u32)) -> Result<(), String> {
    let probe = Job::new(program, ["--version"]);
    packages::need(session, &probe, package)?;
    let (major, minor) = oldest;
    let said = session.attempt(&probe)?;
    let found = version(&said);
    found.is_some_and(|found| found >= oldest).then_some(()).ok_or_else(|| {
        format!("{program} of {major}.{minor} or later is needed, and here it is {}", said.trim())
    })
}

/// A folder of packages, fetched once for what the files say that list them.
fn fetched(
    session: &mut Session<'_>,
    language: &str,
    lists: &[&str],
    fetch: impl FnOnce(&mut Session<'_>, &Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let peer = session.project.root().join(PEERS).join(language);
    let wrong = |error: std::io::Error| format!("the packages of {language}: {error}");
    let mut texts = Vec::new();
    for list in lists {
        texts.push(fs::read(peer.join(list)).map_err(wrong)?);
    }
    let folder = session.project.cache().join("interop");
    let made = once(&folder, &format!("{language}-{:016x}", key(&texts)), |part| {
        for (list, text) in lists.iter().zip(&texts) {
            fs::write(part.join(list), text).map_err(wrong)?;
        }
        fetch(session, part)
    });
    made.map_err(|why| format!("the packages of {language} cannot be fetched: {why}"))
}

/// Another key only costs another fetch, so it need not be the same for ever.
fn key(texts: &[Vec<u8>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for text in texts {
        hasher.write_usize(text.len());
        hasher.write(text);
    }
    hasher.finish()
}

/// `Python 3.11.7`, `v20.20.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().last()?.trim_start_matches('v');
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(
            version("Python 3.9.2").unwrap() < OLDEST_PYTHON && version("v18.19.1").unwrap() >= OLDEST_NODE
        );
        assert_eq!(version(""), None);
    }

    #[test]
    fn whatever_changes_is_fetched_anew() {
        let key =
            |texts: &[&str]| key(&texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
        assert_eq!(key(&["a==1"]), key(&["a==1"]));
        assert!(key(&["a==1"]) != key(&["a==2"]) && key(&["a", "b"]) != key(&["ab", ""]));
    }
}
