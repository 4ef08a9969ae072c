//! The languages whose SDKs are asked.

use std::{env, ffi::OsString, fmt, path::Path, process::Command};

/// One of them. The environment says where its program and its packages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `ANYTRACE_PYTHON_PACKAGES`, and `python3`.
    Python,
    /// `ANYTRACE_NODE_PACKAGES`, and `node`.
    Node,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Python, Self::Node];

    /// The variable that says in which folder its packages are.
    pub const fn packages(self) -> &'static str {
        match self {
            Language::Python => "ANYTRACE_PYTHON_PACKAGES",
            Language::Node => "ANYTRACE_NODE_PACKAGES",
        }
    }

    /// What starts its peer.
    pub(crate) fn command(self) -> Result<Command, String> {
        let variable = self.packages();
        let packages = env::var_os(variable).filter(|value| !value.is_empty());
        let packages = packages
            .ok_or_else(|| format!("{variable} is not set: run this by `cargo xtask test --only interop`"))?;
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
            // Nothing is written beside the peer.
            Language::Python => command.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1"),
            Language::Node => command.env(self.packages(), packages),
        };
        // The SDKs are asked what they do by themselves.
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
