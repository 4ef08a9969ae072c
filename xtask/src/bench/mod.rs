//! `cargo xtask bench`: instructions per operation.
//!
//! Instructions, not seconds: the same binary gives the same figure on a busy machine, so that a limit can be
//! checked to the last one.

mod callgrind;
mod figure;
mod limits;
mod workloads;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::project::Project;
use crate::session::Session;
use figure::Figure;
use limits::Limits;
use workloads::Workloads;

/// What is asked of `cargo xtask bench`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Fewer operations: less exact where a cost comes only now and then.
    pub(crate) quick: bool,
    /// Where the figures are written to.
    pub(crate) json: Option<PathBuf>,
    /// Whether a figure above its limit is a failure.
    pub(crate) check: bool,
}

/// Counts, prints and, when asked, writes and checks.
pub(crate) fn run(project: &Project, options: &Options) -> ExitCode {
    let mut session = match Session::begin(project, "bench") {
        Ok(session) => session,
        Err(error) => {
            eprintln!("xtask: the log cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    };
    let figures = count(&mut session, if options.quick { [100, 300] } else { [1000, 3000] });
    if !session.failures.is_empty() {
        print!("{}", session.log());
    }
    if options.check {
        judge(&mut session, &figures);
    }
    if let Some(file) = &options.json
        && let Err(error) = std::fs::write(file, figure::json(&figures))
    {
        session.fail(format!("{} cannot be written: {error}", file.display()));
    }
    for failure in &session.failures {
        eprintln!("xtask: {failure}");
    }
    if session.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The step of `cargo xtask test`: counts, and holds the figures against their limits.
pub(crate) fn check(session: &mut Session<'_>) {
    let figures = count(session, [1000, 3000]);
    judge(session, &figures);
}

/// One figure for each workload, printed as it comes. What could not be counted is a failure of the session.
fn count(session: &mut Session<'_>, repeats: [u64; 2]) -> Vec<Figure> {
    let limits = Limits::read(session.project.root()).unwrap_or_else(|reason| {
        session.fail(reason);
        Limits::default()
    });
    let workloads = callgrind::need(session).and_then(|()| Workloads::build(session));
    let workloads = workloads.unwrap_or_else(|reason| {
        session.fail(reason);
        Workloads::default()
    });
    for stranger in limits.names().filter(|name| !workloads.is_empty() && !workloads.contains(name)) {
        session.fail(format!("{} names `{stranger}`, which is no workload", limits::FILE));
    }
    let mut figures = Vec::new();
    for name in workloads.names() {
        match figure::count(session, &workloads, name, repeats, limits.of(name)) {
            Ok(figure) => {
                println!("    {figure}");
                figures.push(figure);
            }
            Err(reason) => session.fail(reason),
        }
    }
    figures
}

fn judge(session: &mut Session<'_>, figures: &[Figure]) {
    for figure in figures {
        if let Some(complaint) = figure.complaint() {
            session.fail(complaint);
        }
    }
}
