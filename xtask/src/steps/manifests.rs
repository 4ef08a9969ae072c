//! Checks of the manifests.

use crate::job::Job;
use crate::metadata::Package;
use crate::session::Session;

/// The crate that libraries depend on.
pub(super) const API: &str = "anytrace-api";

/// The crate that applications depend on.
const APPLICATION: &str = "anytrace";

/// The packages that a library gets with the API by default.
const WITH_API: &[&str] = &[API, "pin-project-lite"];

/// The keys that each published crate must have, as named in cargo's JSON.
const PUBLISHED: &[&str] = &["description", "license", "rust_version"];

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    // `fetch` is a quick command that warns of unknown keys; `metadata` does not. The exit status is 0.
    if session.run(&Job::cargo(["fetch", "--locked"])) {
        for warning in unused_keys(&session.log()) {
            session.fail(warning);
        }
    }
    let missing_keys: Vec<String> = session.project.published().flat_map(missing_keys).collect();
    for gap in missing_keys {
        session.fail(gap);
    }
    for edges in [&["-e", "normal"][..], &[]] {
        let tree = Job::cargo(["tree", "-p", API, "--prefix", "none"]).with(edges.iter().copied());
        let printed = session.output(&tree).unwrap_or_default();
        for line in unexpected(&printed) {
            session.fail(format!("`{}`: {API} depends on {line}", tree.line()));
        }
    }
    check_application(session);
}

/// Fails if an application that adds `anytrace` with its default features compiles one of OpenTelemetry's crates.
fn check_application(session: &mut Session<'_>) {
    let tree = Job::cargo(["tree", "-p", APPLICATION, "-e", "normal", "--prefix", "none"]);
    let printed = session.output(&tree).unwrap_or_default();
    if !printed.lines().any(|line| line.starts_with(API)) {
        session.fail(format!("`{}`: {API} is missing, so the output is not a tree of crates", tree.line()));
    }
    for line in opentelemetry_crates(&printed) {
        session.fail(format!("`{}`: {APPLICATION} depends on {line}", tree.line()));
    }
}

/// Returns the lines of `cargo tree` that name one of OpenTelemetry's crates.
fn opentelemetry_crates(tree: &str) -> Vec<&str> {
    tree.lines().filter(|line| line.starts_with("opentelemetry")).collect()
}

fn unused_keys(log: &str) -> Vec<String> {
    log.lines().filter(|line| line.contains("unused manifest key")).map(str::to_owned).collect()
}

/// Returns messages for the missing keys of a published crate.
fn missing_keys(package: &Package) -> Vec<String> {
    let missing = PUBLISHED.iter().filter(|key| package.text(key).is_none());
    missing.map(|key| format!("{} is published without {}", package.name(), key.replace('_', "-"))).collect()
}

/// Returns the lines of `cargo tree` that name other packages than the expected ones.
fn unexpected(tree: &str) -> Vec<&str> {
    let name = |line: &str| line.split_whitespace().next().is_some_and(|name| !WITH_API.contains(&name));
    tree.lines().filter(|line| name(line)).collect()
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn every_missing_key_is_reported() {
        let json = r#"{"packages": [{"name": "a", "description": "", "license": null}]}"#;
        let packages = Package::all(json.as_bytes()).expect("the metadata is valid");
        let found: Vec<String> = packages.iter().flat_map(missing_keys).collect();
        let gap = |key: &str| format!("a is published without {key}");
        assert_eq!(found, ["description", "license", "rust-version"].map(gap));
    }

    #[test]
    fn a_new_dependency_of_any_kind_is_reported() {
        let tree = "anytrace-api v0.1.0 (.)\npin-project-lite v0.2.17\n[dev-dependencies]\nhttp v1.5.0\n\n";
        assert_eq!(unexpected(tree), ["[dev-dependencies]", "http v1.5.0"]);
    }

    #[test]
    fn every_opentelemetry_crate_is_found() {
        let tree = "anytrace v0.1.0 (.)\nanytrace-otlp v0.1.0 (.)\nopentelemetry v0.33.0\nopentelemetry-proto v0.33.0\n";
        assert_eq!(opentelemetry_crates(tree), ["opentelemetry v0.33.0", "opentelemetry-proto v0.33.0"]);
    }

    #[test]
    fn unused_keys_are_found_among_other_lines() {
        let log =
            "$ cargo fetch\nwarning: ./api/Cargo.toml: unused manifest key: package.auther\n    Updating\n";
        assert_eq!(unused_keys(log), ["warning: ./api/Cargo.toml: unused manifest key: package.auther"]);
    }
}
