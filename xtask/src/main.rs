//! The project's commands, listed by `cargo xtask help`.

mod args;
mod bench;
mod cache;
mod job;
mod log;
mod metadata;
mod once;
mod packages;
mod processes;
mod project;
mod report;
mod scrub;
mod servers;
mod session;
mod steps;
mod test_counts;
mod toolchain;

use std::process::ExitCode;

use args::{Command, USAGE};
use project::Project;

fn main() -> ExitCode {
    let args = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    match Command::parse(args) {
        Ok(Command::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::ListSteps) => {
            steps::list();
            ExitCode::SUCCESS
        }
        Ok(Command::Test { only }) => in_project(|project| steps::run(project, only.as_deref())),
        Ok(Command::Bench(options)) => in_project(|project| bench::run(project, &options)),
        Ok(Command::Servers(action)) => in_project(|project| servers::run(project, action)),
        Err(error) => {
            eprint!("xtask: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Finds the project, and runs a command in it.
fn in_project(command: impl FnOnce(&Project) -> ExitCode) -> ExitCode {
    match Project::find() {
        Ok(project) => command(&project),
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}
