//! The command line.

use std::fmt;
use std::path::PathBuf;

use crate::bench::Options;
use crate::servers::Action;
use crate::steps::STEPS;

/// The output of `cargo xtask help`, which also follows each usage error.
pub(crate) const USAGE: &str = "\
usage: cargo xtask COMMAND

commands:
  test [--only NAME[,NAME]]   runs all steps, or the named ones
  test --list                 lists the steps
  bench [--quick] [--json FILE] [--check]
                              measures operations and their peers; or checks limits
  servers up|down|status      starts, stops or shows the OpenTelemetry Collector and the Zipkin server
  help                        prints this text
";

/// A parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the usage.
    Help,
    /// List the steps of `test`.
    ListSteps,
    /// Run steps of `test`.
    Test {
        /// The names of the steps. `None` means all steps.
        only: Option<Vec<String>>,
    },
    /// Run the benchmarks.
    Bench(Options),
    /// Start, stop or show the servers.
    Servers(Action),
}

impl Command {
    /// Parses the arguments without the program's name.
    pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, UsageError> {
        let mut args = args.into_iter();
        match args.next().as_deref() {
            Some("test") => parse_test(args),
            Some("bench") => parse_bench(args),
            Some("servers") => parse_servers(args),
            Some("help" | "--help" | "-h") => Ok(Self::Help),
            Some(other) => Err(UsageError(format!("unknown command `{other}`"))),
            None => Err(UsageError("missing command".to_owned())),
        }
    }
}

fn parse_test(mut args: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut only: Option<Vec<String>> = None;
    let mut list = false;
    while let Some(arg) = args.next() {
        match option(&arg) {
            ("--list", None) => list = true,
            ("--only", value) => {
                let names = value_of("--only", "the name of a step", value, &mut args)?;
                for name in names.split(',') {
                    only.get_or_insert_default().push(known_step(name)?);
                }
            }
            ("--help" | "-h", None) => return Ok(Command::Help),
            _ => return Err(UsageError(format!("`test` has no option `{arg}`"))),
        }
    }
    Ok(if list { Command::ListSteps } else { Command::Test { only } })
}

fn parse_bench(mut args: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut options = Options::default();
    while let Some(arg) = args.next() {
        match option(&arg) {
            ("--quick", None) => options.quick = true,
            ("--check", None) => options.check = true,
            ("--json", value) => {
                options.json = Some(PathBuf::from(value_of("--json", "a file", value, &mut args)?));
            }
            ("--help" | "-h", None) => return Ok(Command::Help),
            _ => return Err(UsageError(format!("`bench` has no option `{arg}`"))),
        }
    }
    Ok(Command::Bench(options))
}

fn parse_servers(mut args: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let action = match args.next().as_deref() {
        Some("up") => Action::Up,
        Some("down") => Action::Down,
        Some("status") => Action::Status,
        Some("--help" | "-h") => return Ok(Command::Help),
        _ => return Err(UsageError("`servers` needs one of up, down, status".to_owned())),
    };
    match args.next() {
        None => Ok(Command::Servers(action)),
        Some(arg) => Err(UsageError(format!("`servers` has no option `{arg}`"))),
    }
}

/// Splits `--name=value`.
fn option(arg: &str) -> (&str, Option<&str>) {
    match arg.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (arg, None),
    }
}

/// Returns the value of an option: the part after `=`, or the next argument.
fn value_of(
    name: &str,
    expected: &str,
    inline: Option<&str>,
    args: &mut impl Iterator<Item = String>,
) -> Result<String, UsageError> {
    let value = inline.map(str::to_owned).or_else(|| args.next().filter(|next| !next.starts_with("--")));
    value.filter(|value| !value.is_empty()).ok_or_else(|| UsageError(format!("`{name}` needs {expected}")))
}

fn known_step(name: &str) -> Result<String, UsageError> {
    if STEPS.iter().any(|step| step.name == name) {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    Err(UsageError(format!("unknown step `{name}`; the steps are {}", names.join(", "))))
}

/// An invalid command line. The exit status is 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, UsageError> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    fn error(line: &str) -> String {
        parse(line).expect_err("the line is invalid").to_string()
    }

    #[test]
    fn test_runs_all_steps_by_default() {
        assert_eq!(parse("test"), Ok(Command::Test { only: None }));
    }

    #[test]
    fn only_takes_both_spellings_and_accumulates() {
        let only = Some(vec!["format".to_owned(), "deny".to_owned(), "docs".to_owned()]);
        assert_eq!(parse("test --only format,deny --only=docs"), Ok(Command::Test { only }));
    }

    #[test]
    fn list_and_help_are_commands() {
        assert_eq!(parse("test --list"), Ok(Command::ListSteps));
        for line in ["help", "--help", "-h", "test --help", "bench -h"] {
            assert_eq!(parse(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn bench_takes_its_options_in_any_order() {
        let options = Options { quick: true, json: Some(PathBuf::from("a.json")), check: true };
        assert_eq!(parse("bench --check --json a.json --quick"), Ok(Command::Bench(options)));
    }

    #[test]
    fn servers_take_one_action() {
        assert_eq!(parse("servers up"), Ok(Command::Servers(Action::Up)));
        assert_eq!(parse("servers down"), Ok(Command::Servers(Action::Down)));
        assert_eq!(parse("servers status"), Ok(Command::Servers(Action::Status)));
        assert_eq!(error("servers"), "`servers` needs one of up, down, status");
        assert_eq!(error("servers start"), "`servers` needs one of up, down, status");
        assert_eq!(error("servers up now"), "`servers` has no option `now`");
    }

    #[test]
    fn errors_name_the_invalid_argument() {
        assert_eq!(error(""), "missing command");
        assert_eq!(error("tset"), "unknown command `tset`");
        assert_eq!(error("test --fast"), "`test` has no option `--fast`");
        assert_eq!(error("test --list=yes"), "`test` has no option `--list=yes`");
        assert_eq!(error("test --only"), "`--only` needs the name of a step");
        assert_eq!(error("test --only --list"), "`--only` needs the name of a step");
        assert_eq!(error("bench --json="), "`--json` needs a file");
        assert!(error("test --only format,fmt").starts_with("unknown step `fmt`; the steps are format,"));
        assert!(error("test --only format,").starts_with("unknown step ``"));
    }
}
