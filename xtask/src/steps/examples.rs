//! Every example, and the demo with several backends, ends successfully.

use std::time::Duration;

use crate::job::Job;
use crate::session::Session;

/// The package of the examples.
const PACKAGE: &str = "anytrace-examples";

/// The example that takes a backend as an option.
const DEMO: &str = "demo";

/// The demo's backends that need no server. The others are tested in the package.
const BACKENDS: &[&str] = &["console", "noop"];

/// Arguments of programs that would otherwise not end or do nothing: `send` delivers a few spans to a closed port, and
/// `forwarder` prints its help.
const OPTIONS: &[(&str, &[&str])] = &[
    ("send", &["--", "--backend", "zipkin", "--endpoint", "http://127.0.0.1:1", "--spans", "10"]),
    ("forwarder", &["--", "--help"]),
];

/// The time limit of an example.
const LIMIT: Duration = Duration::from_mins(1);

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    let Some(package) = session.project.package(PACKAGE) else {
        return session.fail(format!("package {PACKAGE} is missing"));
    };
    // Built first, so that the time limit does not include the build.
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

/// Returns whether an example is a server, by its name. Servers are only built, because they do not end by themselves.
fn is_server(name: &str) -> bool {
    name.split(['_', '-']).any(|word| word == "server")
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn servers_are_recognised_by_a_word_of_their_name() {
        assert!(is_server("server") && is_server("axum_server") && is_server("server-grpc"));
        assert!(!is_server("observer") && !is_server("serverless") && !is_server("manual"));
    }
}
