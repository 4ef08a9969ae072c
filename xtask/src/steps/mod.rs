//! The steps of `cargo xtask test`.

mod alone;
mod clippy;
mod counts;
mod deny;
mod docs;
mod examples;
mod format;
mod fuzz;
mod interop;
mod layers;
mod manifests;
mod miri;
mod model;
mod msrv;
mod servers;
mod tests;

use std::process::ExitCode;

use crate::project::Project;
use crate::report::{self, StepResult};
use crate::session::Session;

/// A step.
pub(crate) struct Step {
    /// The name for `--only` and the report.
    pub(crate) name: &'static str,
    /// A short description.
    about: &'static str,
    /// The kind of result.
    kind: Kind,
    /// Runs the step. It continues after a failed command, unless later commands depend on it.
    run: fn(&mut Session<'_>),
}

/// A step's contribution to the totals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The step counts as one check.
    Check,
    /// Each test counts. A step without any test fails, because it checks nothing.
    Tests,
}

/// The steps in the order in which they run: quick steps that fail often come first.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "format", about: "rustfmt", kind: Kind::Check, run: format::run },
    Step { name: "clippy", about: "all targets, all features", kind: Kind::Check, run: clippy::run },
    Step { name: "docs", about: "rustdoc, warnings denied", kind: Kind::Check, run: docs::run },
    Step {
        name: "manifests",
        about: "keys of published crates, dependencies of the api",
        kind: Kind::Check,
        run: manifests::run,
    },
    Step {
        name: "layers",
        about: "the lower layers of the api compile without the upper ones",
        kind: Kind::Check,
        run: layers::run,
    },
    Step { name: "deny", about: "bans, licences, sources, advisories", kind: Kind::Check, run: deny::run },
    Step { name: "tests", about: "the workspace, all features", kind: Kind::Tests, run: tests::run },
    Step {
        name: "alone",
        about: "each published crate without features of other packages",
        kind: Kind::Tests,
        run: alone::run,
    },
    Step {
        name: "msrv",
        about: "each published crate with its minimum toolchain",
        kind: Kind::Check,
        run: msrv::run,
    },
    Step { name: "model", about: "concurrency models under loom", kind: Kind::Tests, run: model::run },
    Step { name: "miri", about: "undefined behaviour and leaks", kind: Kind::Tests, run: miri::run },
    Step { name: "fuzz", about: "the wire formats' parsers", kind: Kind::Check, run: fuzz::run },
    Step {
        name: "examples",
        about: "every example and the demo succeed",
        kind: Kind::Check,
        run: examples::run,
    },
    Step {
        name: "servers",
        about: "end-to-end tests with real servers",
        kind: Kind::Tests,
        run: servers::run,
    },
    Step {
        name: "interop",
        about: "the public SDKs of Python and JavaScript, in both directions",
        kind: Kind::Tests,
        run: interop::run,
    },
    Step {
        name: "counts",
        about: "instructions per operation within their limits",
        kind: Kind::Check,
        run: counts::run,
    },
];

/// Prints the names of the steps.
pub(crate) fn list() {
    for step in STEPS {
        println!("{:<10} {}", step.name, step.about);
    }
}

/// Runs all steps, or only the named ones, and prints the report.
pub(crate) fn run(project: &Project, only: Option<&[String]>) -> ExitCode {
    let wanted = |step: &&Step| only.is_none_or(|names| names.iter().any(|name| name == step.name));
    let ended: Vec<StepResult> = STEPS.iter().filter(wanted).map(|step| step.run(project)).collect();
    print!("{}", report::summary(&ended));
    if ended.iter().all(StepResult::passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Step {
    fn run(&self, project: &Project) -> StepResult {
        println!("==> {}: {}", self.name, self.about);
        let mut session = match Session::begin(project, self.name) {
            Ok(session) => session,
            Err(error) => return self.without_log(&error),
        };
        (self.run)(&mut session);
        let tests = (self.kind == Kind::Tests).then_some(session.counts);
        let skipped = !session.notices.is_empty();
        if session.failures.is_empty() && !skipped && tests.is_some_and(|counts| counts.total() == 0) {
            session.fail("no test ran");
        }
        let seconds = session.seconds();
        if session.failures.is_empty() {
            println!("ok  {}  {seconds:.1} s", self.name);
        } else {
            print!("{}", session.log());
            println!("FAILED  {}  {seconds:.1} s: {}", self.name, session.failures.join("; "));
        }
        let Session { failures, notices, .. } = session;
        StepResult { name: self.name, seconds, failures, notices, tests }
    }

    fn without_log(&self, error: &std::io::Error) -> StepResult {
        let reason = format!("the log cannot be written: {error}");
        println!("FAILED  {}  0.0 s: {reason}", self.name);
        StepResult { name: self.name, seconds: 0.0, failures: vec![reason], notices: Vec::new(), tests: None }
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn names_are_unique_and_need_no_quoting() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(step.name.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", step.name);
            assert!(STEPS[..index].iter().all(|earlier| earlier.name != step.name), "{}", step.name);
        }
    }
}
