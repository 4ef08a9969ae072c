//! The languages whose SDKs are tested.

use std::{env, ffi::OsString, fmt, path::Path, process::Command};

/// A language with a public OpenTelemetry SDK. Environment variables name its program and its packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python, run by `python3` with the packages in `ANYTRACE_PYTHON_PACKAGES`.
    Python,
    /// JavaScript, run by `node` with the packages in `ANYTRACE_NODE_PACKAGES`.
    Node,
}

impl Language {
    /// The languages.
    pub const ALL: [Self; 2] = [Self::Python, Self::Node];

    /// Returns the environment variable that holds the folder of the SDK's packages.
    pub const fn packages(self) -> &'static str {
        match self {
            Language::Python => "ANYTRACE_PYTHON_PACKAGES",
            Language::Node => "ANYTRACE_NODE_PACKAGES",
        }
    }

    /// Returns the command that starts the peer.
    pub(crate) fn command(self) -> Result<Command, String> {
        let variable = self.packages();
        let packages = env::var_os(variable).filter(|value| !value.is_empty());
        let packages = packages.ok_or_else(|| {
            format!("{variable} is not set: run this test with `cargo xtask test --only interop`")
        })?;
        Ok(self.command_with(packages))
    }

    fn command_with(self, packages: OsString) -> Command {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (program, file) = match self {
            Language::Python => ("python3", "python/peer.py"),
            Language::Node => ("node", "node/peer.mjs"),
        };
        let mut command = Command::new(program);
        command.arg(folder.join(file));
        match self {
            // Keeps Python from writing its cache beside the peer.
            Language::Python => command.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1"),
            Language::Node => command.env(self.packages(), packages),
        };
        // The SDKs are tested with their defaults.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
            command.env_remove(name);
        }
        command
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Language::Python => "python",
            Language::Node => "node",
        })
    }
}
