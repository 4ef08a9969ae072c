//! The heading of the report: versions and method.

use super::Effort;
use super::figures::Figures;
use super::programs::PACKAGE;
use crate::job::Job;
use crate::session::Session;

/// The packages of the peers.
const PEERS: &[&str] = &[
    "fastrace",
    "opentelemetry",
    "opentelemetry-proto",
    "opentelemetry-zipkin",
    "opentelemetry_sdk",
    "rustracing",
    "tracing",
    "tracing-opentelemetry",
];

/// Returns the lines above the tables.
pub(super) fn heading(
    session: &mut Session<'_>,
    effort: Effort,
    figures: &Figures,
) -> Result<String, String> {
    let tree = ["tree", "-p", PACKAGE, "--features", "peers", "--depth", "1", "--prefix", "none"];
    let tree = session.attempt(&Job::cargo(tree))?;
    let rustc = session.attempt(&Job::new("rustc", ["--version"]))?;
    Ok(text(rustc.trim(), &versions(&tree), effort, figures.core))
}

fn text(rustc: &str, peers: &str, effort: Effort, core: Option<u64>) -> String {
    let Effort { rounds, burst, counted, .. } = effort;
    let times = core.map_or_else(String::new, |core| {
        format!(
            "Times: {rounds} rounds of bursts of up to {burst} operations, all parties in turn, on core {core}; *ns* is the \
             median CPU time of the thread for one operation, *process ns* that of the process including the export.\n"
        )
    });
    format!(
        "{rustc}; {peers}.\n\n{times}Instructions: by callgrind, over {counted} operations. Allocations are those of the thread; \
         `6 + 2` means six new ones and two that were enlarged."
    )
}

/// Returns the peers' versions in the output of `cargo tree`.
fn versions(tree: &str) -> String {
    let is_peer = |line: &&str| line.split(' ').next().is_some_and(|name| PEERS.contains(&name));
    tree.lines().map(str::trim).filter(is_peer).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn only_versions_of_peers_are_shown() {
        let tree = "anytrace-bench v0.0.0\nhttp v1.0.0\nopentelemetry v0.33.1\nopentelemetry-http v0.33.1\ntracing v0.1.44\n";
        assert_eq!(versions(tree), "opentelemetry v0.33.1, tracing v0.1.44");
    }

    #[test]
    fn times_are_described_if_they_were_measured() {
        let effort = Effort { rounds: 100, burst: 10, on_threads: 1, counted: 20 };
        let timed = text("rustc 1.95.0", "tracing v0.1.44", effort, Some(0));
        assert!(
            timed.starts_with("rustc 1.95.0; tracing v0.1.44.\n\nTimes: 100 rounds of bursts of up to 10"),
            "{timed}"
        );
        let counted = text("rustc 1.95.0", "tracing v0.1.44", effort, None);
        assert!(!counted.contains("Times") && counted.contains("over 20 operations"), "{counted}");
    }
}
