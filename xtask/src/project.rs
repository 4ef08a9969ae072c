//! The checkout that the commands work on.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache;
use crate::metadata::Package;
use crate::scrub::Scrub;

/// The folders and packages of this checkout.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    cache: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

impl Project {
    /// Asks the environment and cargo.
    pub(crate) fn find() -> Result<Self, String> {
        let root = root()?;
        let cache = cache::folder(|name| env::var_os(name))?;
        let packages = packages(&root)?;
        let target = target(&root, &cache);
        Ok(Self { root, cache, target, packages })
    }

    /// The root of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for tools, shared by all checkouts.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// The folder cargo builds in.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The published crates, in the order cargo names them.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_published())
    }

    /// The package of that name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name() == name)
    }

    /// What turns this machine's paths into words that fit every machine.
    pub(crate) fn scrub(&self) -> Scrub {
        let own = [(&self.root, "."), (&self.target, "<target>"), (&self.cache, "<cache>")];
        let own = own.map(|(folder, word)| (folder.clone(), word));
        let home = env::var_os("HOME").map(PathBuf::from);
        let cargo =
            env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".cargo")));
        // The source of a dependency is in a folder named after the registry's host.
        let registries = cargo.into_iter().filter_map(|cargo| fs::read_dir(cargo.join("registry/src")).ok());
        let registries = registries.flatten().flatten().map(|folder| (folder.path(), "<registry>"));
        Scrub::new(own.into_iter().chain(registries).chain(home.clone().map(|home| (home, "~"))))
    }
}

/// `cargo run` says where xtask's manifest is; without cargo, the current folder has to be the root.
fn root() -> Result<PathBuf, String> {
    let start = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(manifest) => PathBuf::from(manifest).join(".."),
        None => PathBuf::from("."),
    };
    let root =
        start.canonicalize().map_err(|error| format!("the repository's root is not there: {error}"))?;
    let found = root.join("xtask/Cargo.toml").is_file();
    found
        .then_some(root)
        .ok_or_else(|| "start this with `cargo xtask`, or in the repository's root".to_owned())
}

/// `CARGO_TARGET_DIR`; in CI a folder that outlives the checkout; else the usual one.
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
