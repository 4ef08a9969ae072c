//! What servers are started from.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

const COLLECTOR: &str = "ANYTRACE_COLLECTOR_PROGRAM";
const JAVA: &str = "ANYTRACE_JAVA_PROGRAM";
const ZIPKIN: &str = "ANYTRACE_ZIPKIN_JAR";

/// The programs, as `cargo xtask servers` fetches them and tells its tests in the environment.
#[derive(Clone, Debug)]
pub struct Programs {
    collector: PathBuf,
    java: PathBuf,
    zipkin: PathBuf,
}

impl Programs {
    /// The collector's program, a Java of 17 or later, and the Zipkin server's archive.
    pub fn new(collector: impl Into<PathBuf>, java: impl Into<PathBuf>, zipkin: impl Into<PathBuf>) -> Self {
        Programs { collector: collector.into(), java: java.into(), zipkin: zipkin.into() }
    }

    /// As the environment says.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn from_environment() -> Result<Self, String> {
        let path = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| format!("{name} is not set: run this by `cargo xtask test --only servers`"))
        };
        Ok(Programs::new(path(COLLECTOR)?, path(JAVA)?, path(ZIPKIN)?))
    }

    /// The environment that says so.
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
