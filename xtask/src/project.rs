//! The checkout in which the commands run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache;
use crate::metadata::Package;
use crate::scrub::Scrub;

/// The folders and packages of the checkout.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    cache: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

impl Project {
    /// Reads the environment, and runs `cargo metadata`.
    pub(crate) fn find() -> Result<Self, String> {
        let root = root()?;
        let cache = cache::folder(|name| env::var_os(name))?;
        let packages = packages(&root)?;
        let target = target(&root, &cache);
        Ok(Self { root, cache, target, packages })
    }

    /// Returns the root of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder for tools that all checkouts share.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// Returns cargo's target folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the published crates, in cargo's order.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_published())
    }

    /// Returns the package with this name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name() == name)
    }

    /// Returns the replacement of this machine's paths in output.
    pub(crate) fn scrub(&self) -> Scrub {
        let own = [(&self.root, "."), (&self.target, "<target>"), (&self.cache, "<cache>")];
        let own = own.map(|(folder, word)| (folder.clone(), word));
        let home = env::var_os("HOME").map(PathBuf::from);
        let cargo =
            env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".cargo")));
        // Sources of dependencies are in a folder named after the registry's host.
        let registries = cargo.into_iter().filter_map(|cargo| fs::read_dir(cargo.join("registry/src")).ok());
        let registries = registries.flatten().flatten().map(|folder| (folder.path(), "<registry>"));
        Scrub::new(own.into_iter().chain(registries).chain(home.clone().map(|home| (home, "~"))))
    }
}

/// Uses the manifest path set by `cargo run`. Without cargo, the current folder must be the root.
fn root() -> Result<PathBuf, String> {
    let start = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(manifest) => PathBuf::from(manifest).join(".."),
        None => PathBuf::from("."),
    };
    let root = start
        .canonicalize()
        .map_err(|error| format!("the root of the repository does not exist: {error}"))?;
    let found = root.join("xtask/Cargo.toml").is_file();
    found
        .then_some(root)
        .ok_or_else(|| "run `cargo xtask`, or run this program in the root of the repository".to_owned())
}

/// Returns `CARGO_TARGET_DIR`; in CI a folder that outlives the checkout; otherwise the default folder.
fn target(root: &Path, cache: &Path) -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
        Some(target) => root.join(target),
        None if env::var_os("CI").is_some_and(|value| value == "true") => cache.join("target"),
        None => root.join("target"),
    }
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Package::all(&output.stdout)
}
