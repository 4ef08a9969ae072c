//! The programs of the servers.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

const COLLECTOR: &str = "ANYTRACE_COLLECTOR_PROGRAM";
const JAVA: &str = "ANYTRACE_JAVA_PROGRAM";
const ZIPKIN: &str = "ANYTRACE_ZIPKIN_JAR";

/// Paths of the programs. `cargo xtask` fetches the programs and passes their paths to the tests in environment
/// variables.
#[derive(Clone, Debug)]
pub struct Programs {
    collector: PathBuf,
    java: PathBuf,
    zipkin: PathBuf,
}

impl Programs {
    /// Takes the paths of the collector, of `java` (version 17 or later) and of the Zipkin server's archive.
    pub fn new(collector: impl Into<PathBuf>, java: impl Into<PathBuf>, zipkin: impl Into<PathBuf>) -> Self {
        Programs { collector: collector.into(), java: java.into(), zipkin: zipkin.into() }
    }

    /// Reads the paths from the environment.
    ///
    /// # Errors
    ///
    /// Fails if a variable is not set.
    pub fn from_environment() -> Result<Self, String> {
        let path = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| {
                format!("{name} is not set: run this test with `cargo xtask test --only servers`")
            })
        };
        Ok(Programs::new(path(COLLECTOR)?, path(JAVA)?, path(ZIPKIN)?))
    }

    /// Returns the environment variables with the paths.
    pub fn variables(&self) -> [(&'static str, OsString); 3] {
        let (collector, java, zipkin) = (&self.collector, &self.java, &self.zipkin);
        [(COLLECTOR, collector.into()), (JAVA, java.into()), (ZIPKIN, zipkin.into())]
    }

    pub(crate) fn collector(&self) -> &Path {
        &self.collector
    }

    pub(crate) fn java(&self) -> &Path {
        &self.java
    }

    pub(crate) fn zipkin(&self) -> &Path {
        &self.zipkin
    }
}
