//! `cargo xtask bench`: the cost of operations, compared with peers.
//!
//! Instructions and allocations are checked, and times are not: the counts of a program are the same on a busy machine,
//! so limits can be exact. Times of all parties are measured in turn and shown.

mod bless;
mod callgrind;
mod cost;
mod figures;
mod goal;
mod heading;
mod json;
mod limits;
mod parties;
mod programs;
mod rows;
mod tables;
mod verdict;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::job::Job;
use crate::project::Project;
use crate::session::Session;
use figures::Figures;
use limits::Limits;
use programs::{Case, Programs};

/// The options of `cargo xtask bench`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Runs fewer operations, which is less precise for rare costs.
    pub(crate) quick: bool,
    /// Writes the results to this file.
    pub(crate) json: Option<PathBuf>,
    /// Only counts instructions and allocations, and fails if a limit is exceeded.
    pub(crate) check: bool,
}

/// The amount of work.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// The bursts of each case.
    rounds: u32,
    /// The operations in a burst.
    burst: u32,
    /// The bursts of the measurement on threads.
    on_threads: u32,
    /// The operations whose instructions are counted.
    counted: u32,
}

const FULL: Effort = Effort { rounds: 300, burst: 4096, on_threads: 1000, counted: 2000 };
const QUICK: Effort = Effort { rounds: 100, burst: 2048, on_threads: 300, counted: 300 };

/// Measures, prints the tables, and writes and checks the results as requested.
pub(crate) fn run(project: &Project, options: &Options) -> ExitCode {
    let mut session = match Session::begin(project, "bench") {
        Ok(session) => session,
        Err(error) => {
            eprintln!("xtask: the log cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(reason) = measure_all(&mut session, options) {
        session.fail(reason);
        print!("{}", session.log());
    }
    for failure in &session.failures {
        eprintln!("xtask: {failure}");
    }
    if session.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the step of `cargo xtask test`: counts, and checks the limits.
pub(crate) fn check(session: &mut Session<'_>) {
    if let Err(reason) = count_anytrace(session, FULL, &mut Figures::default()) {
        session.fail(reason);
    }
}

fn measure_all(session: &mut Session<'_>, options: &Options) -> Result<(), String> {
    let effort = if options.quick { QUICK } else { FULL };
    let mut figures = Figures::default();
    let limits = Limits::read(session.project.root())?;
    if options.check {
        count_anytrace(session, effort, &mut figures)?;
    } else {
        let programs = prepare(session)?;
        time(session, &programs, effort, &mut figures)?;
        allocate(session, &programs, &mut figures)?;
        for case in programs.cases() {
            count(session, &programs, case, effort, &mut figures)?;
        }
    }
    let heading = heading::heading(session, effort, &figures)?;
    if !options.check {
        print!("{}", tables::markdown(&heading, &limits, &figures));
    }
    if let Some(file) = &options.json {
        fs::write(file, json::json(&heading, &limits, &figures))
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    Ok(())
}

fn prepare(session: &mut Session<'_>) -> Result<Programs, String> {
    callgrind::need(session)?;
    Programs::build(session)
}

/// Counts all workloads with limits and the peers with checked goals, and reports violations.
fn count_anytrace(session: &mut Session<'_>, effort: Effort, figures: &mut Figures) -> Result<(), String> {
    let limits = Limits::read(session.project.root())?;
    let programs = prepare(session)?;
    allocate(session, &programs, figures)?;
    let is_peer_of_share = |case: &Case| {
        let mut goals = limits.goals().iter().filter(|goal| goal.is_checked());
        goals.any(|goal| goal.row() == case.workload && goal.peer() == case.party)
    };
    for case in programs.cases().iter().filter(|case| case.is_anytrace() || is_peer_of_share(case)) {
        count(session, &programs, case, effort, figures)?;
        let cost = figures.cost(&case.workload, &case.party).copied().unwrap_or_default();
        if case.is_anytrace() {
            println!("    {}", verdict::line(&limits, case, &cost));
        }
    }
    for goal in limits.goals().iter().filter(|goal| goal.is_checked()) {
        if let Ok(measured) = goal.measured(figures) {
            println!("    {measured}");
        }
    }
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        return bless(session, programs.cases(), figures);
    }
    for violation in verdict::violations(&limits, programs.cases(), figures) {
        session.fail(violation);
    }
    Ok(())
}

/// Replaces the limits by the counted numbers: with `BLESS=1`, after an intended change of costs.
fn bless(session: &Session<'_>, cases: &[Case], figures: &Figures) -> Result<(), String> {
    let file = session.project.root().join(limits::FILE);
    let failed = |error| format!("{} cannot be updated: {error}", limits::FILE);
    let text = fs::read_to_string(&file).map_err(failed)?;
    fs::write(file, bless::blessed(&text, cases, figures)).map_err(failed)
}

fn count(
    session: &mut Session<'_>,
    programs: &Programs,
    case: &Case,
    effort: Effort,
    figures: &mut Figures,
) -> Result<(), String> {
    let instructions = callgrind::instructions(session, programs, case, u64::from(effort.counted))?;
    figures.cost_mut(&case.workload, &case.party).instructions = Some(instructions);
    Ok(())
}

/// The groups of cases, each in a process of its own, because a tracer cannot be uninstalled.
const GROUPS: [&str; 2] = ["nothing", "installed"];

fn allocate(session: &mut Session<'_>, programs: &Programs, figures: &mut Figures) -> Result<(), String> {
    for words in GROUPS.into_iter().chain(["memory"]) {
        figures.read(&session.attempt(&Job::new(programs.allocations(), [words]))?)?;
    }
    Ok(())
}

fn time(
    session: &mut Session<'_>,
    programs: &Programs,
    effort: Effort,
    figures: &mut Figures,
) -> Result<(), String> {
    let Effort { rounds, burst, on_threads, .. } = effort;
    for group in GROUPS {
        let words = ["time", group, &rounds.to_string(), &burst.to_string()];
        figures.read(&session.attempt(&Job::new(programs.costs(), words))?)?;
    }
    // The measurement fails on a machine with one core.
    match session.attempt(&Job::new(programs.costs(), ["threads", &on_threads.to_string()])) {
        Ok(printed) => figures.read(&printed),
        Err(reason) => {
            eprintln!("xtask: two threads were not measured: {reason}");
            Ok(())
        }
    }
}
