//! `cargo xtask bench`: instructions per operation, beside those of peers that do the same.
//!
//! Instructions, not seconds: the same binary gives the same figure on a busy machine, so that a limit can be
//! checked to the last one.

mod callgrind;
mod figure;
mod limits;
mod share;
mod workloads;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::project::Project;
use crate::session::Session;
use figure::Figure;
use limits::Limits;
use workloads::{Party, Workloads};

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
    let limits = limits(&mut session);
    let figures = count(&mut session, &limits, if options.quick { [100, 300] } else { [1000, 3000] });
    if !session.failures.is_empty() {
        print!("{}", session.log());
    }
    let complaints = compare(&limits, &figures);
    if options.check {
        fail(&mut session, complaints);
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
    let limits = limits(session);
    let figures = count(session, &limits, [1000, 3000]);
    let complaints = compare(&limits, &figures);
    fail(session, complaints);
}

fn fail(session: &mut Session<'_>, complaints: Vec<String>) {
    for complaint in complaints {
        session.fail(complaint);
    }
}

fn limits(session: &mut Session<'_>) -> Limits {
    Limits::read(session.project.root()).unwrap_or_else(|reason| {
        session.fail(reason);
        Limits::default()
    })
}

/// One figure for each workload, printed as it comes. What could not be counted is a failure of the session.
fn count(session: &mut Session<'_>, limits: &Limits, repeats: [u64; 2]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for party in [Party::Ours, Party::Peers] {
        let workloads = callgrind::need(session).and_then(|()| Workloads::build(session, party));
        match workloads {
            Ok(workloads) => figures.extend(count_all(session, limits, &workloads, repeats)),
            Err(reason) => session.fail(reason),
        }
    }
    figures
}

fn count_all(
    session: &mut Session<'_>,
    limits: &Limits,
    workloads: &Workloads,
    repeats: [u64; 2],
) -> Vec<Figure> {
    if workloads.party() == Party::Ours {
        for stranger in limits.names().filter(|name| !workloads.contains(name)) {
            session.fail(format!("{} names `{stranger}`, which is no workload", limits::FILE));
        }
    }
    let mut figures = Vec::new();
    for name in workloads.names() {
        match figure::count(session, workloads, name, repeats, limits.of(name)) {
            Ok(figure) => {
                println!("    {figure}");
                figures.push(figure);
            }
            Err(reason) => session.fail(reason),
        }
    }
    figures
}

/// Prints how ours stand beside peers, and says what is wrong with all figures.
fn compare(limits: &Limits, figures: &[Figure]) -> Vec<String> {
    let mut complaints: Vec<_> = figures.iter().filter_map(Figure::complaint).collect();
    for share in limits.shares() {
        match share.measure(figures) {
            Ok(measured) => {
                println!("    {measured}");
                complaints.extend(measured.complaint());
            }
            Err(reason) => complaints.push(reason),
        }
    }
    complaints
}
