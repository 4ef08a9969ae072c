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
    Step::check("format", "rustfmt", format::run),
    Step::check("clippy", "all targets, all features", clippy::run),
    Step::check("docs", "rustdoc, warnings denied", docs::run),
    Step::check("manifests", "keys of published crates, dependencies of the api", manifests::run),
    Step::check("layers", "the lower layers of the api compile without the upper ones", layers::run),
    Step::check("deny", "bans, licences, sources, advisories", deny::run),
    Step::tests("tests", "the workspace, all features", tests::run),
    Step::tests("alone", "each published crate without features of other packages", alone::run),
    Step::check("msrv", "each published crate with its minimum toolchain", msrv::run),
    Step::tests("model", "concurrency models under loom", model::run),
    Step::tests("miri", "undefined behaviour and leaks", miri::run),
    Step::check("fuzz", "the wire formats' parsers", fuzz::run),
    Step::check("examples", "every example and the demo succeed", examples::run),
    Step::tests("servers", "end-to-end tests with real servers", servers::run),
    Step::tests("interop", "the public SDKs of Python and JavaScript, in both directions", interop::run),
    Step::check("counts", "instructions per operation within their limits", counts::run),
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
    const fn check(name: &'static str, about: &'static str, run: fn(&mut Session<'_>)) -> Self {
        Step { name, about, kind: Kind::Check, run }
    }

    const fn tests(name: &'static str, about: &'static str, run: fn(&mut Session<'_>)) -> Self {
        Step { name, about, kind: Kind::Tests, run }
    }

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
