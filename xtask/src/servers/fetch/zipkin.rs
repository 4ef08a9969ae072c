//! The Zipkin server.

use std::path::{Path, PathBuf};

use crate::job::Job;
use crate::once::once;
use crate::packages;
use crate::session::Session;

const VERSION: &str = "3.6.1";

/// Returns the path of the slim archive, which supports only in-memory storage.
pub(super) fn archive(session: &mut Session<'_>, folder: &Path) -> Result<PathBuf, String> {
    let fetched = once(folder, &format!("zipkin-{VERSION}"), |part| {
        packages::need(session, &Job::new("mvn", ["--version"]), "maven")?;
        let repository = part.join("repository");
        let copy = Job::new("mvn", ["--batch-mode", "--quiet"])
            .with(["org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"])
            .with([format!("-Dartifact=io.zipkin:zipkin-server:{VERSION}:jar:slim")])
            .with([format!("-DoutputDirectory={}", part.display())])
            .with([format!("-Dmaven.repo.local={}", repository.display())]);
        session.attempt(&copy)?;
        std::fs::remove_dir_all(repository)
            .map_err(|error| format!("the Maven repository cannot be removed: {error}"))
    });
    let folder = fetched.map_err(|why| format!("the Zipkin server cannot be fetched: {why}"))?;
    Ok(folder.join(format!("zipkin-server-{VERSION}-slim.jar")))
}
