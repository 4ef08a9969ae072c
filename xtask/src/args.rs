//! The command line.

use std::fmt;
use std::path::PathBuf;

use crate::bench::Options;
use crate::servers::Order;
use crate::steps::STEPS;

/// What `cargo xtask help` prints, and what follows each usage error.
pub(crate) const USAGE: &str = "\
usage: cargo xtask COMMAND

commands:
  test [--only NAME[,NAME]]   every check of the project, or the named ones
  test --list                 the names of the checks
  bench [--quick] [--json FILE] [--check]
                              what an operation costs, beside peers; or whether it is within its limits
  servers up|down|status      the OpenTelemetry Collector and the Zipkin server, for tests by hand
  help                        this text
";

/// A command line that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the usage.
    Help,
    /// Print the names of the steps of `test`.
    ListSteps,
    /// Run the steps of `test`.
    Test {
        /// The steps asked for; all when absent.
        only: Option<Vec<String>>,
    },
    /// Count instructions.
    Bench(Options),
    /// Start, end or look for the servers.
    Servers(Order),
}

impl Command {
    /// Reads the words after the program's name.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, UsageError> {
        let mut words = words.into_iter();
        match words.next().as_deref() {
            Some("test") => parse_test(words),
            Some("bench") => parse_bench(words),
            Some("servers") => parse_servers(words),
            Some("help" | "--help" | "-h") => Ok(Self::Help),
            Some(other) => Err(UsageError(format!("there is no command `{other}`"))),
            None => Err(UsageError("a command is missing".to_owned())),
        }
    }
}

fn parse_test(mut words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut only: Option<Vec<String>> = None;
    let mut list = false;
    while let Some(word) = words.next() {
        match option(&word) {
            ("--list", None) => list = true,
            ("--only", value) => {
                let names = value_of("--only", "the name of a step", value, &mut words)?;
                for name in names.split(',') {
                    only.get_or_insert_default().push(known_step(name)?);
                }
            }
            ("--help" | "-h", None) => return Ok(Command::Help),
            _ => return Err(UsageError(format!("`test` has no option `{word}`"))),
        }
    }
    Ok(if list { Command::ListSteps } else { Command::Test { only } })
}

fn parse_bench(mut words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        match option(&word) {
            ("--quick", None) => options.quick = true,
            ("--check", None) => options.check = true,
            ("--json", value) => {
                options.json = Some(PathBuf::from(value_of("--json", "a file", value, &mut words)?));
            }
            ("--help" | "-h", None) => return Ok(Command::Help),
            _ => return Err(UsageError(format!("`bench` has no option `{word}`"))),
        }
    }
    Ok(Command::Bench(options))
}

fn parse_servers(mut words: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let order = match words.next().as_deref() {
        Some("up") => Order::Up,
        Some("down") => Order::Down,
        Some("status") => Order::Status,
        Some("--help" | "-h") => return Ok(Command::Help),
        _ => return Err(UsageError("`servers` needs one of up, down, status".to_owned())),
    };
    match words.next() {
        None => Ok(Command::Servers(order)),
        Some(word) => Err(UsageError(format!("`servers` has no option `{word}`"))),
    }
}

/// Splits `--name=value`.
fn option(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    }
}

/// The value of an option: behind its `=`, or else the next word.
fn value_of(
    name: &str,
    expected: &str,
    inline: Option<&str>,
    rest: &mut impl Iterator<Item = String>,
) -> Result<String, UsageError> {
    let value = inline.map(str::to_owned).or_else(|| rest.next().filter(|next| !next.starts_with("--")));
    value.filter(|value| !value.is_empty()).ok_or_else(|| UsageError(format!("`{name}` needs {expected}")))
}

fn known_step(name: &str) -> Result<String, UsageError> {
    if STEPS.iter().any(|step| step.name == name) {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
    Err(UsageError(format!("there is no step `{name}`; the steps are {}", names.join(", "))))
}

/// A command line that was not understood. Ends in exit status 2.
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

    fn refusal(line: &str) -> String {
        parse(line).expect_err("this line is wrong").to_string()
    }

    #[test]
    fn test_runs_everything_unless_told() {
        assert_eq!(parse("test"), Ok(Command::Test { only: None }));
    }

    #[test]
    fn only_takes_names_in_both_spellings_and_adds_up() {
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
    fn servers_take_one_order() {
        assert_eq!(parse("servers up"), Ok(Command::Servers(Order::Up)));
        assert_eq!(parse("servers down"), Ok(Command::Servers(Order::Down)));
        assert_eq!(parse("servers status"), Ok(Command::Servers(Order::Status)));
        assert_eq!(refusal("servers"), "`servers` needs one of up, down, status");
        assert_eq!(refusal("servers start"), "`servers` needs one of up, down, status");
        assert_eq!(refusal("servers up now"), "`servers` has no option `now`");
    }

    #[test]
    fn wrong_lines_are_named() {
        assert_eq!(refusal(""), "a command is missing");
        assert_eq!(refusal("tset"), "there is no command `tset`");
        assert_eq!(refusal("test --fast"), "`test` has no option `--fast`");
        assert_eq!(refusal("test --list=yes"), "`test` has no option `--list=yes`");
        assert_eq!(refusal("test --only"), "`--only` needs the name of a step");
        assert_eq!(refusal("test --only --list"), "`--only` needs the name of a step");
        assert_eq!(refusal("bench --json="), "`--json` needs a file");
        assert!(
            refusal("test --only format,fmt").starts_with("there is no step `fmt`; the steps are format,")
        );
        assert!(refusal("test --only format,").starts_with("there is no step ``"));
    }
}
