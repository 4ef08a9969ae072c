//! The programs: what they are asked, and what they print.

mod allocate;
mod cores;
mod count;
mod threads;
mod time;

use std::process::ExitCode;

use crate::case::{Case, Group, all};

/// The program `costs`.
pub fn costs() -> ExitCode {
    answer(|words| match words {
        ["--list"] => {
            for Case { workload, party, operations, .. } in all() {
                println!("{workload}\t{party}\t{operations}");
            }
            Ok(())
        }
        ["count", workload, party, repeats] => {
            let case = all().find(|case| case.is(workload, party));
            let case = case.ok_or_else(|| format!("there is no case `{workload} {party}`"))?;
            count::count(case, number(repeats)?);
            Ok(())
        }
        ["time", name, rounds, operations] => time::time(group(name)?, number(rounds)?, number(operations)?),
        ["threads", rounds] => threads::threads(number(rounds)?),
        _ => Err(
            "arguments: --list | count WORKLOAD PARTY REPEATS | time nothing|installed ROUNDS OPERATIONS \
                  | threads ROUNDS"
                .to_owned(),
        ),
    })
}

/// The program `allocations`.
pub fn allocations() -> ExitCode {
    answer(|words| match words {
        ["memory"] => {
            allocate::memory();
            Ok(())
        }
        [name] => {
            allocate::allocate(group(name)?);
            Ok(())
        }
        _ => Err("arguments: nothing | installed | memory".to_owned()),
    })
}

fn answer(work: impl FnOnce(&[&str]) -> Result<(), String>) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match work(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn group(word: &str) -> Result<Group, String> {
    match word {
        "nothing" => Ok(Group::Nothing),
        "installed" => Ok(Group::Installed),
        _ => Err(format!("there is no group `{word}`")),
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("`{word}` is no whole number"))
}
