//! The manifests say what they should.

use crate::job::Job;
use crate::metadata::Package;
use crate::session::Session;

/// The crate that libraries depend on.
pub(super) const API: &str = "anytrace-api";

/// The crate that applications depend on.
const APPLICATION: &str = "anytrace";

/// All that a library gets with it by default.
const WITH_API: &[&str] = &[API, "pin-project-lite"];

/// What every published crate states, as cargo spells it.
const PUBLISHED: &[&str] = &["description", "license", "rust_version"];

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    // The one quick command that warns of keys cargo does not know (`metadata` does not), with status 0.
    if session.run(&Job::cargo(["fetch", "--locked"])) {
        for warning in unused_keys(&session.log()) {
            session.fail(warning);
        }
    }
    let gaps: Vec<String> = session.project.published().flat_map(gaps).collect();
    for gap in gaps {
        session.fail(gap);
    }
    for edges in [&["-e", "normal"][..], &[]] {
        let tree = Job::cargo(["tree", "-p", API, "--prefix", "none"]).with(edges.iter().copied());
        let printed = session.output(&tree).unwrap_or_default();
        for line in strangers(&printed) {
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

/// What a published crate leaves out.
fn gaps(package: &Package) -> Vec<String> {
    let missing = PUBLISHED.iter().filter(|key| package.text(key).is_none());
    missing
        .map(|key| format!("{} is published and has no {}", package.name(), key.replace('_', "-")))
        .collect()
}

/// Lines of `cargo tree` that name anything else than the api and its few dependencies.
fn strangers(tree: &str) -> Vec<&str> {
    let name = |line: &str| line.split_whitespace().next().is_some_and(|name| !WITH_API.contains(&name));
    tree.lines().filter(|line| name(line)).collect()
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn every_gap_is_named() {
        let json = r#"{"packages": [{"name": "a", "description": "", "license": null}]}"#;
        let packages = Package::all(json.as_bytes()).expect("this is metadata");
        let said: Vec<String> = packages.iter().flat_map(gaps).collect();
        let gap = |key: &str| format!("a is published and has no {key}");
        assert_eq!(said, ["description", "license", "rust-version"].map(gap));
    }

    #[test]
    fn a_new_dependency_of_any_kind_is_a_stranger() {
        let tree = "anytrace-api v0.1.0 (.)\npin-project-lite v0.2.17\n[dev-dependencies]\nhttp v1.5.0\n\n";
        assert_eq!(strangers(tree), ["[dev-dependencies]", "http v1.5.0"]);
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
