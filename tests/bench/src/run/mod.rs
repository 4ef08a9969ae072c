//! The command lines of the programs.

mod allocate;
mod cores;
mod count;
mod threads;
mod time;

use std::process::ExitCode;

use crate::case::{Case, Group, all};

/// Runs the program `costs`.
pub fn costs() -> ExitCode {
    run_program(|args| match args {
        ["--list"] => {
            for Case { workload, party, operations, .. } in all() {
                println!("{workload}\t{party}\t{operations}");
            }
            Ok(())
        }
        ["count", workload, party, repeats] => {
            let case = all().find(|case| case.is(workload, party));
            let case = case.ok_or_else(|| format!("unknown case `{workload} {party}`"))?;
            count::count(case, number(repeats)?);
            Ok(())
        }
        ["time", name, rounds, operations] => time::time(group(name)?, number(rounds)?, number(operations)?),
        ["threads", rounds] => threads::threads(number(rounds)?),
        _ => Err("usage: --list | count WORKLOAD PARTY REPEATS | time nothing|installed ROUNDS OPERATIONS \
                  | threads ROUNDS"
            .to_owned()),
    })
}

/// Runs the program `allocations`.
pub fn allocations() -> ExitCode {
    run_program(|args| match args {
        ["memory"] => {
            allocate::memory();
            Ok(())
        }
        [name] => {
            allocate::allocate(group(name)?);
            Ok(())
        }
        _ => Err("usage: nothing | installed | memory".to_owned()),
    })
}

fn run_program(work: impl FnOnce(&[&str]) -> Result<(), String>) -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match work(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn group(name: &str) -> Result<Group, String> {
    match name {
        "nothing" => Ok(Group::Nothing),
        "installed" => Ok(Group::Installed),
        _ => Err(format!("unknown group `{name}`")),
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a whole number"))
}
