//! `cargo xtask bench`: what an operation costs, beside peers that do the same.
//!
//! What is checked are instructions and allocations, not seconds: the same binary gives the same counts on a busy
//! machine, so that a limit can be checked to the last one. Times are measured too, all parties' in turn, for people.

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

/// What is asked of `cargo xtask bench`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Fewer operations: less exact where a cost comes only now and then.
    pub(crate) quick: bool,
    /// Where the figures are written to.
    pub(crate) json: Option<PathBuf>,
    /// Only what is checked, and a figure above its limit is a failure.
    pub(crate) check: bool,
}

/// How much is done.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Bursts of each case.
    rounds: u32,
    /// The operations in a burst.
    burst: u32,
    /// Bursts on threads.
    on_threads: u32,
    /// The operations whose instructions are counted.
    counted: u32,
}

const FULL: Effort = Effort { rounds: 300, burst: 4096, on_threads: 1000, counted: 2000 };
const QUICK: Effort = Effort { rounds: 100, burst: 2048, on_threads: 300, counted: 300 };

/// Measures, prints and, when asked, writes and checks.
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

/// The step of `cargo xtask test`: counts, and holds the figures against their limits.
pub(crate) fn check(session: &mut Session<'_>) {
    if let Err(reason) = count_ours(session, FULL, &mut Figures::default()) {
        session.fail(reason);
    }
}

fn measure_all(session: &mut Session<'_>, options: &Options) -> Result<(), String> {
    let effort = if options.quick { QUICK } else { FULL };
    let mut figures = Figures::default();
    let limits = Limits::read(session.project.root())?;
    if options.check {
        count_ours(session, effort, &mut figures)?;
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

/// Counts what has limits, and the peers that ours may not cost more than a share of; what is too dear is a failure.
fn count_ours(session: &mut Session<'_>, effort: Effort, figures: &mut Figures) -> Result<(), String> {
    let limits = Limits::read(session.project.root())?;
    let programs = prepare(session)?;
    allocate(session, &programs, figures)?;
    let is_peer_of_share = |case: &Case| {
        let mut goals = limits.goals().iter().filter(|goal| goal.is_checked());
        goals.any(|goal| goal.row() == case.workload && goal.peer() == case.party)
    };
    for case in programs.cases().iter().filter(|case| case.is_ours() || is_peer_of_share(case)) {
        count(session, &programs, case, effort, figures)?;
        let cost = figures.cost(&case.workload, &case.party).copied().unwrap_or_default();
        if case.is_ours() {
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
    for complaint in verdict::complaints(&limits, programs.cases(), figures) {
        session.fail(complaint);
    }
    Ok(())
}

/// Makes what was counted the limits: with `BLESS=1`, when operations have become cheaper, or dearer on purpose.
fn bless(session: &Session<'_>, cases: &[Case], figures: &Figures) -> Result<(), String> {
    let file = session.project.root().join(limits::FILE);
    let failed = |error| format!("{} cannot be written anew: {error}", limits::FILE);
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

/// What is installed in one group of cases is not to be there for the other.
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
    // On one core there are no two threads at a time, and nothing to say of them.
    match session.attempt(&Job::new(programs.costs(), ["threads", &on_threads.to_string()])) {
        Ok(printed) => figures.read(&printed),
        Err(reason) => {
            eprintln!("xtask: nothing is said of two threads: {reason}");
            Ok(())
        }
    }
}
