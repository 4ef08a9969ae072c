//! The command line of `forwarder`.

use lexopt::{Arg, Error, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
usage: cargo run -p anytrace-examples --bin forwarder -- --port N

Serves on the loopback interface until the process is stopped. POST /test takes a JSON array of
{\"url\": URL, \"arguments\": JSON}. For each element it POSTs the arguments to the URL and propagates the context of
the request. The response is 200 with a JSON array that has, for each element in order,
{\"url\": URL, \"status\": N} or {\"url\": URL, \"error\": \"...\"}, or 400 if the body is invalid.

options:
  --port N   the port, 1 to 65535; 0 chooses a free port. The address is printed once the server listens
  --help     prints this text

URLs must be on the loopback interface. The time limit per call is 10 s.

environment:
  OTEL_TRACES_EXPORTER   the exporter (default: spans are discarded)
  OTEL_TRACES_SAMPLER    the sampler (default: always_on, which records a span per request independently of the
                         caller's decision)
  and all other variables of the crate anytrace

exit status: 1 if the server fails, 2 for an invalid option
";

/// A parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Listen(u16),
}

impl Command {
    pub(crate) fn parse(mut parser: Parser) -> Result<Self, Error> {
        let mut port = None;
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
                Arg::Long("port") => port = Some(number(&parser.value()?.string()?)?),
                argument => return Err(argument.unexpected()),
            }
        }
        port.map(Command::Listen).ok_or_else(|| "--port is missing".into())
    }
}

fn number(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("invalid value for --port: {text:?} is not a number from 0 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_parsed() {
        let parse = |arguments: &[&str]| Command::parse(Parser::from_args(arguments)).unwrap();
        assert_eq!(parse(&["--port", "0"]), Command::Listen(0));
        assert_eq!(parse(&["--port=65535"]), Command::Listen(65535));
        assert_eq!(parse(&["--port", "1", "--help"]), Command::Help);
    }

    #[test]
    fn errors_name_the_invalid_argument() {
        for (arguments, named) in [
            (&[][..], "--port is missing"),
            (&["--port"], "--port"),
            (&["--port", "65536"], "\"65536\" is not a number from 0 to 65535"),
            (&["--port", "-1"], "\"-1\""),
            (&["--colour"], "--colour"),
            (&["8080"], "8080"),
        ] {
            let error = Command::parse(Parser::from_args(arguments)).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
