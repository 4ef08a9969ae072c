//! Programs contained in Python packages.

use std::path::{Path, PathBuf};

use crate::job::Job;
use crate::once::once;
use crate::session::Session;

/// Returns the folder of the package's files. A plain folder instead of a virtual environment, because only the files
/// are needed, and a plain folder can be renamed.
pub(super) fn package(
    session: &mut Session<'_>,
    folder: &Path,
    name: &str,
    version: &str,
) -> Result<PathBuf, String> {
    once(folder, &format!("{name}-{version}"), |part| {
        let install = Job::new("python3", ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .with(["--no-deps".into(), "--target".into(), part.as_os_str().to_owned()])
            .with([format!("{name}=={version}")]);
        session.attempt(&install).map(drop)
    })
}
