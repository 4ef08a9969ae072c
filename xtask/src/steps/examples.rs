//! Every example ends well, and so does the demo with each backend.

use std::time::Duration;

use crate::job::Job;
use crate::session::Session;

/// The package that holds them.
const PACKAGE: &str = "anytrace-examples";

/// The example that is told which backend to use.
const DEMO: &str = "demo";

/// The backends the demo is run with: those that need no server. Its tests have the others.
const BACKENDS: &[&str] = &["console", "noop"];

/// What binaries are told that do nothing without: to send a little to nobody, which is not their fault, or to say what
/// they are, where they would serve for ever.
const OPTIONS: &[(&str, &[&str])] = &[
    ("send", &["--", "--backend", "zipkin", "--endpoint", "http://127.0.0.1:1", "--spans", "10"]),
    ("forwarder", &["--", "--help"]),
];

/// How long an example may run.
const LIMIT: Duration = Duration::from_mins(1);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(package) = session.project.package(PACKAGE) else {
        return session.fail(format!("there is no package {PACKAGE}"));
    };
    // Built first, so that the limit is for the example alone.
    let build = Job::cargo(["build", "-p", PACKAGE, "--bins", "--examples", "--all-features"]);
    if !session.run(&build) {
        return;
    }
    for (option, kind) in [("--example", "example"), ("--bin", "bin")] {
        for name in package.targets(kind).filter(|name| *name != DEMO && !is_server(name)) {
            session.run(&example(option, name).with(options(name).iter().copied()));
        }
    }
    if !package.targets("bin").any(|name| name == DEMO) {
        return session.fail(format!("{PACKAGE} has no binary `{DEMO}`"));
    }
    for backend in BACKENDS {
        session.run(&example("--bin", DEMO).with(["--", "--backend", backend]));
    }
}

fn example(option: &str, name: &str) -> Job {
    Job::cargo(["run", "--quiet", "-p", PACKAGE, "--all-features", option, name]).limit(LIMIT)
}

fn options(name: &str) -> &'static [&'static str] {
    OPTIONS.iter().find(|(known, _)| *known == name).map_or(&[], |(_, options)| options)
}

/// Servers run until they are told to stop, so they are only built. They say what they are in their name.
fn is_server(name: &str) -> bool {
    name.split(['_', '-']).any(|word| word == "server")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn servers_are_known_by_a_word_of_their_name() {
        assert!(is_server("server") && is_server("axum_server") && is_server("server-grpc"));
        assert!(!is_server("observer") && !is_server("serverless") && !is_server("manual"));
    }
}
