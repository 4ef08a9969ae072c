//! The lower layers of the API, compiled as crates of their own: `model` alone, and `model` with `backend`.
//!
//! Within one crate, the compiler does not prevent a lower layer from using an upper one, for example through a method.
//! A crate without the upper layer does not compile in that case.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use super::manifests::API;
use crate::job::Job;
use crate::metadata::Package;
use crate::session::Session;

/// The layers that are compiled without those above them, lowest first. Each is a folder of the API's sources.
const LAYERS: &[&str] = &["model", "backend"];

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let project = session.project;
    let Some(package) = project.package(API) else {
        return session.fail(format!("package {API} is missing"));
    };
    let sources = project.root().join("api/src");
    let folder = project.target().join("layers");
    for count in 1..=LAYERS.len() {
        let layers = &LAYERS[..count];
        let name = layers.join("-and-");
        let generated = folder.join(&name);
        let lock = project.root().join("Cargo.lock");
        if let Err(error) = generate(&generated, &name, package, &sources, layers, &lock) {
            session.fail(format!("the crate {name} cannot be generated: {error}"));
            continue;
        }
        for features in [&[][..], &["--all-features"]] {
            let check = Job::cargo(["check", "--quiet", "--manifest-path"]);
            let check = check.with([generated.join("Cargo.toml")]).with(features.iter().copied());
            session.run(&check.set("CARGO_TARGET_DIR", folder.join("target")));
        }
    }
}

/// Writes a crate that contains the named layers, with the dependency versions of the project's lock file.
fn generate(
    crate_folder: &Path,
    name: &str,
    package: &Package,
    sources: &Path,
    layers: &[&str],
    lock: &Path,
) -> io::Result<()> {
    let mut root = String::from("#![allow(dead_code, unused_imports, unexpected_cfgs)]\n");
    for layer in layers {
        let file = sources.join(layer).join("mod.rs");
        root += &declaration(layer, &file, &fs::read_to_string(&file)?);
    }
    fs::create_dir_all(crate_folder.join("src"))?;
    fs::write(crate_folder.join("src/lib.rs"), root)?;
    fs::write(crate_folder.join("Cargo.toml"), manifest(name, package))?;
    fs::copy(lock, crate_folder.join("Cargo.lock"))?;
    Ok(())
}

/// Declares a layer, and re-exports its names at the root: those that the layer exports, and those of its `pub(crate)`
/// modules.
fn declaration(layer: &str, file: &Path, text: &str) -> String {
    let mut declaration =
        format!("#[path = {:?}]\nmod {layer};\npub use self::{layer}::*;\n", file.display().to_string());
    let modules = text.lines().filter_map(|line| line.strip_prefix("pub(crate) mod ")?.strip_suffix(';'));
    for module in modules {
        let _ = writeln!(declaration, "pub use self::{layer}::{module}::*;");
    }
    declaration
}

/// Returns the manifest of a generated crate, with the API's features (without content) and its dependencies from
/// registries.
fn manifest(name: &str, package: &Package) -> String {
    let edition = package.text("edition").unwrap_or("2024");
    let mut manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n[workspace]\n\n[features]\n"
    );
    for feature in package.features() {
        let _ = writeln!(manifest, "{feature} = []");
    }
    manifest += "\n[dependencies]\n";
    for (dependency, version) in package.registry_dependencies() {
        let _ = writeln!(manifest, "{dependency} = \"{version}\"");
    }
    manifest
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn names_of_modules_open_to_the_crate_are_exported_at_the_root() {
        let text = "pub(crate) mod end;\nmod native;\npub mod keys;\npub use self::native::Token;\n";
        let expected = "#[path = \"api/src/backend/mod.rs\"]\nmod backend;\npub use self::backend::*;\n\
                        pub use self::backend::end::*;\n";
        assert_eq!(declaration("backend", Path::new("api/src/backend/mod.rs"), text), expected);
    }

    #[test]
    fn path_dependencies_are_left_out_of_the_manifest() {
        let json = r#"{"packages": [{"name": "api", "edition": "2024", "features": {"http": ["dep:http"]},
            "dependencies": [
                {"name": "http", "req": "^1", "kind": null, "source": "registry", "optional": true},
                {"name": "macros", "req": "^0.1", "kind": null, "source": null, "path": "macros"},
                {"name": "loom", "req": "^0.7", "kind": "dev", "source": "registry"}]}]}"#;
        let packages = Package::all(json.as_bytes()).expect("the metadata is valid");
        let manifest = manifest("model", &packages[0]);
        assert!(manifest.ends_with("[features]\nhttp = []\n\n[dependencies]\nhttp = \"^1\"\n"), "{manifest}");
    }
}
